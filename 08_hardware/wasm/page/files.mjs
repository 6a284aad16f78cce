// What lies beside the page. All addresses are relative to this file, so that the folder works
// wherever it is put.

/// The address of a file of the page.
export function whereIs(path) {
  return new URL(path, import.meta.url).href;
}

async function fetchFile(path) {
  let response = null;
  try {
    response = await fetch(whereIs(path));
  } catch {
    // No answer at all.
  }
  if (!response?.ok) throw new Error(`the file ${path} is not there`);
  return response;
}

/// A file as bytes. Throws an Error of one sentence if it is not there.
export async function fetchBytes(path) {
  return new Uint8Array(await (await fetchFile(path)).arrayBuffer());
}

/// A file as what its JSON says.
export async function fetchJson(path) {
  return (await fetchFile(path)).json();
}

/// Whether there is such a file.
export async function isThere(path) {
  try {
    return (await fetch(whereIs(path), { method: 'HEAD' })).ok;
  } catch {
    return false;
  }
}

/// Gives the visitor a file.
export function download(name, bytes, type = 'application/octet-stream') {
  const address = URL.createObjectURL(new Blob([bytes], { type }));
  const link = Object.assign(document.createElement('a'), { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10000);  // Safari reads it after the click
}
