#!/usr/bin/env bash
# Installs the Debian packages that Anso needs and that are not there yet; asks nothing, does nothing the second time.
# usage: debian-packages.sh service|test
set -euo pipefail

service=(python3-venv tesseract-ocr tesseract-ocr-vie fonts-croscore)
test=(openssl poppler-utils qpdf softhsm2 postgresql chromium)

case "${1:?service or test}" in
  service) wanted=("${service[@]}") ;;
  test) wanted=("${service[@]}" "${test[@]}") ;;
  *) echo "debian-packages.sh: say service or test" >&2; exit 2 ;;
esac
# Node.js comes with npm in some distributions' packages and as a package of its own in Debian's.
command -v npm >/dev/null || wanted+=(nodejs npm)

missing=()
for package in "${wanted[@]}"; do
  [ "$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null)" = "install ok installed" ] || missing+=("$package")
done
[ "${#missing[@]}" -eq 0 ] && exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "These Debian packages are missing and there is no sudo: ${missing[*]}" >&2; exit 1; }
  as_root=(sudo)
fi
echo "Installing Debian packages: ${missing[*]}"
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
