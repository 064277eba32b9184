// What the pages gain with JavaScript: dropping a file checks it at once, too large files are not sent,
// and after each answer the focus stands on it. Everything also works without this file.
(() => {
  "use strict";

  let last = null; // the file that was checked last: it lives in this page only

  const form = () => document.querySelector("form[data-upload]");

  const say = (text) => {
    const current = form();
    const group = current.querySelector(".govuk-form-group");
    group.classList.add("govuk-form-group--error");
    let message = current.querySelector(".govuk-error-message");
    if (!message) {
      message = document.createElement("p");
      message.className = "govuk-error-message";
      message.id = "tep-error";
      group.insertBefore(message, current.querySelector(".anso-drop"));
    }
    message.setAttribute("role", "alert");
    message.textContent = text;
    const input = current.querySelector("input[type=file]");
    input.setAttribute("aria-describedby", "tep-hint tep-error");
    input.focus();
  };

  const problem = (current) => {
    const files = current.querySelector("input[type=file]").files;
    if (files.length === 0) return current.dataset.empty;
    if (files[0].size > Number(current.dataset.limitBytes)) return current.dataset.tooLarge;
    return "";
  };

  document.addEventListener(
    "submit",
    (event) => {
      const current = event.target.closest("form[data-upload]");
      const text = current ? problem(current) : "";
      if (text) {
        event.preventDefault();
        event.stopImmediatePropagation();
        say(text);
      } else if (current) {
        last = current.querySelector("input[type=file]").files[0];
        current.classList.add("anso-upload--busy");
      }
    },
    true,
  );

  const carriesFile = (event) => event.dataTransfer && Array.from(event.dataTransfer.types).includes("Files");

  document.addEventListener("dragover", (event) => {
    if (!form() || !carriesFile(event)) return;
    event.preventDefault();
    form().classList.add("anso-upload--over");
  });
  document.addEventListener("dragleave", (event) => {
    if (form() && event.relatedTarget === null) form().classList.remove("anso-upload--over");
  });
  document.addEventListener("drop", (event) => {
    const current = form();
    if (!current || !carriesFile(event)) return;
    event.preventDefault();
    current.classList.remove("anso-upload--over");
    const chosen = new DataTransfer();
    if (event.dataTransfer.files.length > 0) chosen.items.add(event.dataTransfer.files[0]);
    current.querySelector("input[type=file]").files = chosen.files;
    current.requestSubmit();
  });

  const offerAgain = () => {
    const input = document.querySelector("input[data-again]");
    if (!input || !last) return;
    const chosen = new DataTransfer();
    chosen.items.add(last);
    input.files = chosen.files;
  };

  const focusOnAnswer = () => {
    offerAgain();
    const answer = document.querySelector("[data-focus]");
    if (answer) answer.focus();
  };
  document.addEventListener("htmx:after:swap", focusOnAnswer);
  document.addEventListener("htmx:error", () => {
    if (form()) form().classList.remove("anso-upload--busy");
  });
  focusOnAnswer();
})();
