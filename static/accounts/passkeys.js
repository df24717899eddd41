// Joins the passkey button of a page to the functions of mfa/js/webauthn.js, and shows it where they can work.
const form = document.querySelector("[data-passkey]");
if (form && window.PublicKeyCredential) {
  const ids = {
    [form.dataset.passkey]: "passkey-button",
    credential: form.querySelector("[name=credential]").id,
    passwordless: form.querySelector("[name=passwordless]")?.id,
  };
  if (document.getElementById("passkey-data")) ids.data = "passkey-data";
  window.allauth.webauthn.forms[`${form.dataset.passkey}Form`]({ ids });
  form.hidden = false;
  document.addEventListener("allauth.error", (event) => {
    event.preventDefault();
    document.getElementById("passkey-failed").hidden = false;
  });
}
