// Sends a file in pieces and goes on where it broke off; without it the form sends the file whole.
"use strict";
(() => {
  const form = document.getElementById("upload");
  if (!form || !window.fetch) return;
  const shown = document.getElementById("upload-progress");
  const bar = shown.querySelector("progress");
  const words = shown.querySelector("[role=status]");
  const problem = document.getElementById("upload-problem");
  const button = form.querySelector("button");
  const csrf = form.elements.csrf.value;
  const home = form.dataset.uploads;
  const PAUSES = [1, 2, 4, 8, 15, 30, 60];
  for (const one of document.querySelectorAll(".no-script")) one.hidden = true;

  class Refused extends Error {
    constructor(text, status) { super(text); this.status = status; }
  }

  async function ask(url, options) {
    const answer = await fetch(url, { redirect: "manual", ...options });
    if (answer.type === "opaqueredirect") throw new Refused("You are signed out. Open the page again; the upload can go on.", 401);
    let said = {};
    try { said = await answer.json(); } catch { /* a page, not an answer of ours */ }
    // A fault or a busy server passes; only words of ours are final.
    if (answer.status >= 500) throw new Error(said.problem || "The server doesn’t answer.");
    if (!answer.ok) throw new Refused(said.problem || "This can’t be done here. Open the page again.", answer.status);
    return said;
  }

  const post = (url, fields) => ask(url, { method: "POST", body: new URLSearchParams({ csrf, ...fields }) });

  async function patiently(act) {
    for (let turn = 0; ; turn += 1) {
      try { return await act(); } catch (error) {
        if (error instanceof Refused || turn === PAUSES.length) throw error;
        words.textContent = `Interrupted. Trying again in ${PAUSES[turn]} s …`;
        await new Promise((go) => setTimeout(go, PAUSES[turn] * 1000));
      }
    }
  }

  function tell(offset, size) {
    bar.value = size ? Math.floor((offset / size) * 1000) : 1000;
    const mb = (bytes) => (bytes / 1e6).toFixed(1);
    words.textContent = `${mb(offset)} of ${mb(size)} MB`;
  }

  async function begin(file, memory) {
    const known = localStorage.getItem(memory);
    if (known) {
      try { return { id: known, offset: (await patiently(() => ask(`${home}/${known}`))).offset }; } catch (error) {
        if (!(error instanceof Refused)) throw error;
      }
    }
    const fields = { name: file.name, size: file.size, source: form.elements.source.value, form: form.elements.form.value };
    const made = await post(home, fields);
    localStorage.setItem(memory, made.id);
    return { id: made.id, offset: 0, piece: made.piece };
  }

  async function send(file) {
    // Neither name nor content: what a browser keeps may be read by others.
    const memory = `tocsin-upload ${home} ${file.size} ${file.lastModified}`;
    const upload = await begin(file, memory);
    const piece = upload.piece || 4194304;
    let offset = upload.offset;
    tell(offset, file.size);
    try {
      while (offset < file.size) {
        const body = await file.slice(offset, offset + piece).arrayBuffer();
        const at = offset;
        offset = (await patiently(() => ask(`${home}/${upload.id}/${at}`, { method: "PUT", body, headers: { "X-Csrf-Token": csrf } }))).offset;
        tell(offset, file.size);
      }
      words.textContent = "Hashing and storing …";
      const done = await patiently(() => post(`${home}/${upload.id}/finish`, {}));
      localStorage.removeItem(memory);
      location.assign(`${form.action}?item=${done.item}`);
    } catch (error) {
      if (error instanceof Refused && error.status !== 401) localStorage.removeItem(memory);
      throw error;
    }
  }

  form.addEventListener("submit", async (event) => {
    const file = form.elements.file.files[0];
    if (!file) return;
    event.preventDefault();
    problem.hidden = true;
    shown.hidden = false;
    button.disabled = true;
    try { await send(file); } catch (error) {
      problem.textContent = error instanceof Refused ? error.message : `${error.message} Choose the same file once more: the upload goes on where it broke off.`;
      problem.hidden = false;
      shown.hidden = true;
      button.disabled = false;
      problem.focus();
    }
  });
})();
