// What the tests of stage 1 may call.

#include "01_counting_bigram/count_model.hpp"
#include "classroom/kit/call.hpp"
#include "common/sampling.hpp"

namespace ladder::classroom {

void add_probes(Probes& probes) {
  probes.add("count_pairs", [](Reader& in, Writer& out) {
    const std::vector<Tokens> names = in.lists();
    out.put(count_pairs(names, static_cast<int>(in.integer())));
  });
  probes.add("probabilities", [](Reader& in, Writer& out) {
    const Matrix counts = in.matrix<Matrix>();
    out.put(probabilities_from_counts(counts, in.number()));
  });
  probes.add("mean_nll", [](Reader& in, Writer& out) {
    const Matrix counts = in.matrix<Matrix>();
    out.put(mean_nll(counts, in.matrix<Matrix>()));
  });
  probes.add("sample_indices", [](Reader& in, Writer& out) {  // one draw for each u
    const std::vector<double> weights = in.numbers();
    std::vector<int> tokens;
    for (const double u : in.numbers()) tokens.push_back(sample_index(weights, u));
    out.put(tokens);
  });
}

}  // namespace ladder::classroom
