// Buttons that copy a field of a worksheet; without clipboard rights the text is selected instead.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const field = document.getElementById(button.dataset.copy);
  let said = "Copied";
  try {
    await navigator.clipboard.writeText(field.value);
  } catch {
    field.focus();
    field.select();
    said = "Selected: press Ctrl+C";
  }
  const before = button.textContent;
  button.textContent = said;
  button.setAttribute("aria-live", "polite");
  setTimeout(() => { button.textContent = before; }, 2000);
});
