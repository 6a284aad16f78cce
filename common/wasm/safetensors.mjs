// The weights file, byte for byte as common/safetensors.cpp writes it. (There a JSON library reads
// and writes the header; here it is the browser's.)

const maxHeaderBytes = 1 << 20;

/// Bytes of a file with these tensors, [{name, shape, values: Float32Array}], and this metadata.
export function writeSafetensors(tensors, metadata) {
  const byName = (a, b) => (a.name < b.name ? -1 : 1);
  const sorted = [...tensors].sort(byName);
  const entries = [['__metadata__', Object.fromEntries(Object.entries(metadata).sort())]];
  let end = 0;
  for (const { name, shape, values } of sorted) {
    const begin = end;
    end += 4 * values.length;
    entries.push([name, { data_offsets: [begin, end], dtype: 'F32', shape }]);
  }
  const header = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
  const padded = Math.ceil(header.length / 8) * 8;  // the numbers start at a multiple of eight
  const bytes = new Uint8Array(8 + padded + end).fill(0x20, 8, 8 + padded);
  bytes.set(header, 8);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(padded), true);
  let at = 8 + padded;
  for (const { values } of sorted) {
    for (const value of values) {
      view.setFloat32(at, value, true);
      at += 4;
    }
  }
  return bytes;
}

const isSizes = (list) =>
  Array.isArray(list) && list.every((size) => Number.isSafeInteger(size) && size >= 0);

// An entry of the header, or an Error that says what is wrong with it.
function checkEntry(name, entry, dataSize) {
  const fail = (what) => {
    throw new Error(`tensor '${name}': ${what}`);
  };
  if (typeof entry !== 'object' || entry === null) fail('it is malformed');
  if (entry.dtype !== 'F32') fail('its numbers are not F32; convert the file');
  if (!isSizes(entry.shape) || !isSizes(entry.data_offsets) || entry.data_offsets.length !== 2) {
    fail('it has a malformed size');
  }
  const [begin, end] = entry.data_offsets;
  if (begin > end || end > dataSize) fail('its data lies outside the file (truncated?)');
  const count = entry.shape.reduce((product, extent) => product * extent, 1);
  if (end - begin !== 4 * count) fail('its shape and its data differ in size');
}

/// The tensors in a file: a Map from name to {shape, values: Float32Array}.
/// Throws an Error of one sentence if it is none, is cut off, or holds a NaN or an infinity.
export function readSafetensors(bytes) {
  try {
    return read(bytes);
  } catch (error) {
    throw new Error(`this is no usable weights file: ${error.message}`);
  }
}

function readHeader(bytes) {
  if (bytes.length < 8) throw new Error('it is too short to be a safetensors file');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = view.getBigUint64(0, true);
  if (size > BigInt(maxHeaderBytes)) throw new Error('its header is absurdly long');
  if (Number(size) > bytes.length - 8) throw new Error('it is truncated within its header');
  let header = null;
  try {
    header = JSON.parse(
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, 8 + Number(size))));
  } catch {
    throw new Error('its header is not JSON');
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    throw new Error('its header is not a JSON object');
  }
  return { header, view, first: 8 + Number(size) };
}

function read(bytes) {
  const { header, view, first } = readHeader(bytes);
  const dataSize = bytes.length - first;
  const names = Object.keys(header).filter((name) => name !== '__metadata__');
  for (const name of names) checkEntry(name, header[name], dataSize);
  // Every byte of the data must belong to exactly one tensor.
  const order = names.map((name) => header[name].data_offsets).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  let covered = 0;
  for (const [begin, end] of order) {
    if (begin !== covered) throw new Error('its tensors overlap or leave a gap');
    covered = end;
  }
  if (covered !== dataSize) throw new Error('it is longer than its tensors');
  const tensors = new Map();
  for (const name of names) {
    const { shape, data_offsets: [begin, end] } = header[name];
    const values = new Float32Array((end - begin) / 4);
    for (let i = 0; i < values.length; ++i) {
      values[i] = view.getFloat32(first + begin + 4 * i, true);
      if (!Number.isFinite(values[i])) throw new Error(`tensor '${name}': it holds a NaN or an infinity`);
    }
    tensors.set(name, { shape, values });
  }
  return tensors;
}
