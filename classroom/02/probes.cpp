// What the tests of stage 2 may call.

#include "02_neural_bigram/neural_bigram.hpp"
#include "classroom/kit/call.hpp"

namespace ladder::classroom {

void add_probes(Probes& probes) {
  probes.add("softmax_rows",
             [](Reader& in, Writer& out) { out.put(softmax_rows(in.matrix<Matrix>())); });
  probes.add("cross_entropy", [](Reader& in, Writer& out) {
    const Matrix logits = in.matrix<Matrix>();
    out.put(cross_entropy(logits, in.matrix<Matrix>()));
  });
  probes.add("gradient", [](Reader& in, Writer& out) {
    const Matrix logits = in.matrix<Matrix>();
    out.put(cross_entropy_gradient(logits, in.matrix<Matrix>()));
  });
  // train() on a slope that is the same everywhere: only the steps are seen, not the loss.
  probes.add("train_on_a_slope", [](Reader& in, Writer& out) {
    const Matrix counts = in.matrix<Matrix>(), slope = in.matrix<Matrix>();
    const double lr = in.number();
    const Schedule schedule{.lr = lr, .per_row = in.integer() != 0, .silver = in.integer() != 0};
    const long steps = in.integer(0, 1000);
    long left = 2000;  // a loop that does not count its steps ends, too
    const Training training = train(counts, schedule, steps, [&](const Matrix&) {
      if (left-- == 0) throw std::runtime_error("train() does not come to an end");
      return LossAndGradient{1.0, slope};
    });
    out.put(training.logits);
    out.put(training.steps);
  });
}

}  // namespace ladder::classroom
