// What one width of a vector has. Compiled once for each, as the engines named here are.
#include "07_fast_inference/many_streams/many_streams_engines.hpp"
#include "07_fast_inference/one_stream/one_stream_engines.hpp"
#include "07_fast_inference/one_stream/simd.hpp"
#include "07_fast_inference/one_stream/widths.hpp"

namespace ladder {
inline namespace LADDER_WIDTH {

/// make_columns() of this width.
std::unique_ptr<Engine> columns_of_width(const MicroGpt& model);
/// make_tables() of this width.
std::unique_ptr<Engine> tables_of_width(const MicroGpt& model);
/// make_int16() of this width.
std::unique_ptr<Engine> int16_of_width(const MicroGpt& model);
/// make_streams() of this width.
std::unique_ptr<Engine> streams_of_width(const MicroGpt& model);

/// What all_widths() lists of this width.
extern const VectorEngines vector_engines;
const VectorEngines vector_engines = {lanes, columns_of_width, tables_of_width, int16_of_width,
                                      streams_of_width};

}  // namespace LADDER_WIDTH
}  // namespace ladder
