#pragma once
/// \file
/// In which order the fast version keeps the rows of attn_wq, attn_wk and attn_wv, and the columns
/// of attn_wo.
///
/// Which of a head's numbers is its first is all the same to attention: q · k is a sum, and
/// whatever order the values have, attn_wo reads them in. So they are put where vectors want them:
/// in every sixteen, four of each head, side by side. At width 16 that is the order of the file.

namespace ladder {

/// Where the file has what the fast version keeps at `index` of `width`.
constexpr int file_index(int index, int width) {
  const int block = index / 16, head = index / 4 % 4, i = index % 4;
  return head * (width / 4) + block * 4 + i;
}

}  // namespace ladder
