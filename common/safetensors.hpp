#pragma once
/// \file
/// The weights file: safetensors, so that Python's tools read it too.
///
/// Eight bytes of little-endian header length, a JSON header ({"name": {"dtype", "shape",
/// "data_offsets"}, "__metadata__": {…}}), then the numbers. Files in F32, F16, BF16 and F64 are
/// read; F32 is written.

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ladder {

/// Row-major numbers; shape (rows, columns), or (n) for a vector.
struct Tensor {
  std::vector<std::size_t> shape;  ///< of a scalar empty
  std::vector<float> values;       ///< as many as the product of `shape`
};

/// A model's state dict: tensors by the names of microgpt.py, and what the writer says about them.
struct Weights {
  std::map<std::string, Tensor> tensors;        ///< by names such as "layer0.attn_wq"
  std::map<std::string, std::string> metadata;  ///< "n_head" for one; may be empty

  /// The tensor called `name`.
  /// \throws Error if there is none (it lists those there are) or it has another shape.
  const Tensor& get(const std::string& name, const std::vector<std::size_t>& shape) const;
};

/// Numbers of another format become the float of the same value, those of F64 the nearest one.
/// \param origin  the file's name, for messages
/// \throws Error if the bytes are truncated, the header absurd, a name there twice, a dtype none of
/// those above, a shape at odds with its data, two tensors overlap, or a number is NaN, infinite or
/// too large for a float.
Weights parse_safetensors(std::string_view bytes, const std::string& origin);

/// The bytes of a safetensors file; the same weights give the same bytes.
/// \throws Error if parse_safetensors() would refuse them: a NaN (training diverged?), a wrong
/// shape.
std::string to_safetensors(const Weights& weights);

/// parse_safetensors() of a file. \throws Error also if it cannot be read (read_file())
Weights load_weights(const std::string& path);
/// to_safetensors() into a file. \throws Error also if it cannot be written (write_file())
void save_weights(const std::string& path, const Weights& weights);

}  // namespace ladder
