// Shows the API description with the vendored Swagger UI; it fetches nothing from elsewhere.
window.addEventListener("DOMContentLoaded", () => {
  const target = document.getElementById("swagger-ui");
  window.SwaggerUIBundle({
    url: target.dataset.openapi,
    domNode: target,
    deepLinking: false,
    validatorUrl: null,
    supportedSubmitMethods: [],
  });
});
