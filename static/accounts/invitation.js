// The letter's link carries the code behind a #, which no server sees; without this script it is typed in.
const field = document.querySelector("[name=invitation_code]");
if (field && location.hash.length > 1) {
  field.value = decodeURIComponent(location.hash.slice(1));
  history.replaceState(null, "", location.pathname);
}
