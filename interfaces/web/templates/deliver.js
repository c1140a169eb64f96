// Sends the chosen or dropped files in parts, and goes on where an interruption left off.
"use strict";

const PART_BYTES = 4 * 1024 * 1024;
const TRIES = 5;
const form = document.getElementById("files");
const progress = document.getElementById("progress");
const token = form.elements.form_token.value;
const place = `/deliver/${form.dataset.upload}`;

function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

async function send(path, options) {
  const answer = await fetch(path, {
    method: "POST",
    credentials: "same-origin",
    ...options,
    headers: { Accept: "application/json", "X-Form-Token": token, ...options.headers },
  });
  if (answer.ok) {
    return answer;
  }
  const problem = await answer.json().catch(() => ({}));
  const error = new Error(problem.detail || `The register answered with status ${answer.status}.`);
  error.offset = problem.offset;
  error.isFinal = answer.status < 500 && answer.status !== 409 && answer.status !== 429;
  throw error;
}

// The name of a file within the delivery: without the name of the chosen folder.
function namePath(file) {
  const path = file.webkitRelativePath;
  return path ? path.split("/").slice(1).join("/") : file.name;
}

async function declare(file, path) {
  const body = new URLSearchParams({
    form_token: token, path, size: String(file.size), stamp: String(file.lastModified),
  });
  return (await send(`${place}/declare`, { body })).json();
}

async function sendFile(file, path, note) {
  let { number, offset, is_complete: isComplete } = await declare(file, path);
  let tries = 0;
  while (!isComplete) {
    note(offset);
    try {
      const answer = await send(`${place}/files/${number}/part`, {
        body: file.slice(offset, offset + PART_BYTES),
        headers: { "Upload-Offset": String(offset), "Content-Type": "application/octet-stream" },
      });
      offset = Number(answer.headers.get("Upload-Offset"));
      isComplete = offset >= file.size;
      tries = 0;
    } catch (error) {
      tries += 1;
      if (error.isFinal || tries > TRIES) {
        throw error;
      }
      await pause(1000 * 2 ** tries);
      ({ number, offset, is_complete: isComplete } = await declare(file, path));
    }
  }
}

async function sendAll(files) {
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    for (const [index, { file, path }] of files.entries()) {
      await sendFile(file, path, (offset) => {
        const share = file.size ? Math.floor((100 * offset) / file.size) : 100;
        progress.textContent = `Sending file ${index + 1} of ${files.length}: ${share} %`;
      });
    }
    progress.textContent = "Every file has arrived.";
    window.location.reload();
  } catch (error) {
    progress.textContent = `${error.message} What has arrived is kept: send again to go on.`;
    button.disabled = false;
  }
}

async function listEntry(entry, below) {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    return [{ file, path: below + file.name }];
  }
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    const entries = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!entries.length) {
      return found;
    }
    for (const each of entries) {
      found.push(...(await listEntry(each, each.isDirectory ? `${below}${each.name}/` : below)));
    }
  }
}

form.addEventListener("submit", (event) => {
  const chosen = [...form.elements.files.files, ...form.elements.folder.files];
  const files = chosen.map((file) => ({ file, path: namePath(file) }));
  event.preventDefault();
  if (files.length) {
    sendAll(files);
  } else {
    progress.textContent = "Choose a file or a folder first.";
  }
});

form.addEventListener("dragover", (event) => event.preventDefault());
form.addEventListener("drop", async (event) => {
  event.preventDefault();
  const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry());
  const files = [];
  for (const entry of entries.filter(Boolean)) {
    files.push(...(await listEntry(entry, "")));
  }
  if (files.length) {
    sendAll(files);
  }
});

form.insertBefore(
  Object.assign(document.createElement("p"), { textContent: "You can also drop files here." }),
  form.querySelector("label"),
);
