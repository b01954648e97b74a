// What an edit changed, word by word: pieces that stay, go and come. Longest common subsequence.

const WORDS = /\s+|[\p{L}\p{M}\p{N}]+|[^\s\p{L}\p{M}\p{N}]/gu;
const MOST_CELLS = 4_000_000;

export function diff(before, after) {
  const old = before.match(WORDS) ?? [], now = after.match(WORDS) ?? [];
  let begin = 0, end = 0;
  while (begin < old.length && begin < now.length && old[begin] === now[begin]) begin += 1;
  while (end < old.length - begin && end < now.length - begin && old.at(-1 - end) === now.at(-1 - end)) end += 1;
  const pieces = [
    ...old.slice(0, begin).map((text) => ["same", text]),
    ...middle(old.slice(begin, old.length - end), now.slice(begin, now.length - end)),
    ...old.slice(old.length - end).map((text) => ["same", text]),
  ];
  return joined(pieces);
}

function middle(old, now) {
  if (old.length * now.length > MOST_CELLS) return [["gone", old.join("")], ["come", now.join("")]];
  const width = now.length + 1, lengths = new Uint32Array((old.length + 1) * width);
  for (let i = old.length - 1; i >= 0; i -= 1)
    for (let j = now.length - 1; j >= 0; j -= 1)
      lengths[i * width + j] = old[i] === now[j]
        ? lengths[(i + 1) * width + j + 1] + 1
        : Math.max(lengths[(i + 1) * width + j], lengths[i * width + j + 1]);
  const pieces = [];
  let i = 0, j = 0;
  while (i < old.length || j < now.length) {
    if (i < old.length && j < now.length && old[i] === now[j]) pieces.push(["same", old[i++], j++]);
    else if (j >= now.length || (i < old.length && lengths[(i + 1) * width + j] >= lengths[i * width + j + 1]))
      pieces.push(["gone", old[i++]]);
    else pieces.push(["come", now[j++]]);
  }
  return pieces;
}

function joined(pieces) {
  const found = [];
  for (const [how, text] of pieces) {
    if (!text) continue;
    if (found.length && found.at(-1)[0] === how) found.at(-1)[1] += text;
    else found.push([how, text]);
  }
  return found;
}
