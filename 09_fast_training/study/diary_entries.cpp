// What the diary says. Figures stand in the table, measured where it is printed.
#include <algorithm>

#include "09_fast_training/study/diary.hpp"
#include "09_fast_training/study/studied_trainer.hpp"

namespace ladder {
namespace {

Setup plain(Packing packing) {
  return {.trainer =
              [](const GptParameters& parameters, const OptimizerOptions& optimizer) {
                return make_plain_trainer<float>(parameters, optimizer);
              },
          .packing = packing};
}

bool has(const std::string& vectors) {
  const auto names = vector_names();
  return std::find(names.begin(), names.end(), vectors) != names.end();
}

// In vectors of this kind, if this machine has them.
Setup program(Studied which, const std::string& vectors, Packing packing = Packing::names,
              std::size_t batch = 16) {
  Setup setup = {.trainer = {}, .packing = packing, .batch = batch};
  if (has(vectors)) {
    setup.trainer = [=](const GptParameters& parameters, const OptimizerOptions& optimizer) {
      return make_studied_trainer(which, vectors, parameters, optimizer);
    };
  }
  return setup;
}

Setup name_by_name(Studied which, const std::string& vectors) {
  return {.trainer = [=](const GptParameters& parameters, const OptimizerOptions& optimizer) {
    return make_name_by_name_trainer(which, vectors, parameters, optimizer);
  }};
}

}  // namespace

std::vector<DiaryStep> diary_steps() {
  const std::string narrow = vector_names().front(), widest = vector_names().back();
  return {
      {.name = "loops, each name padded to 16 rows",
       .expected = "No graph, no nodes, no library: formulas and loops over floats.",
       .taught = "Slower than stage 06's matrix tape (--compare). A graph costs little once its "
                 "nodes are matrices; loops that a compiler cannot put into vectors cost more, "
                 "and more than half of these rows are filling.",
       .setup = plain(Packing::padded)},
      {.name = "packed: names one below the other",
       .expected = "Rows of filling need not be computed: 114 of 256 are real.",
       .taught = "Work that is not done is the fastest. Nothing else brings so much for so "
                 "little code.",
       .setup = plain(Packing::names)},
      {.name = "an operation for all rows, sums side by side",
       .expected = "A dot product is one chain of additions, whose order a compiler must keep. "
                   "With W transposed, a row of sums grows side by side, in vectors.",
       .taught = "Little by itself: sums go to memory and back at each multiply-add. (And vectors "
                 "are short from here on, four floats, which every such processor has; the loops "
                 "above were compiled for this one.) But it is the form that the rest needs.",
       .setup = program(Studied::in_memory, narrow)},
      {.name = "sums in registers",
       .expected = "A tile of sums that stays in registers lets a load of x and one of W serve "
                   "many multiply-adds.",
       .taught = "Most of a product's time was loading and storing. dW, too, is written once a "
                 "batch and not once a row.",
       .setup = program(Studied::registers, narrow)},
      {.name = "queries, keys, values in one product",
       .expected = "x is read once for three matrices, and rows of 48 fill tiles better.",
       .taught = "A few percent: x lay in the cache anyway.",
       .setup = program(Studied::fused_qkv, narrow)},
      {.name = "ReLU at the end of its product",
       .expected = "The sum is in a register when it is known whether it is negative.",
       .taught = "Hardly to be measured: one pass over a matrix that is in the cache, beside six "
                 "products. It stays because it is no longer than the pass.",
       .setup = program(Studied::fused_relu, narrow)},
      {.name = "exp by a polynomial",
       .expected = "Thousands of exponentials a step, one call each; a polynomial takes a vector.",
       .taught = "What is done number by number weighs more, the faster the rest: with sixteen "
                 "floats a vector this idea brings more still (--experiment exp). Relative error "
                 "3e-7, no more than float's own rounding of a sum.",
       .setup = program(Studied::fast_exp, narrow)},
      {.name = "Adam's quotient estimated",
       .expected = "Root and division share one slow unit. An estimate and a Newton step are "
                   "multiplications.",
       .taught = "Little. With the root estimated as well a step was one percent slower, on "
                 "a core that has one multiplier of sixteen floats: then the slow unit is idle, "
                 "and all waits for multiplications.",
       .setup = program(Studied::fast_adam, narrow)},
      {.name = "eight floats a vector (AVX2)",
       .expected = "Twice the lanes, and multiply-add in one instruction.",
       .taught = "More than twice: nearly all of the step is vectors by now, and what was written "
                 "for four lanes is only compiled again.",
       .setup = program(Studied::fast_adam, "avx2")},
      {.name = "sixteen floats a vector (AVX-512)",
       .expected = "Again twice the lanes, and 32 registers instead of 16.",
       .taught = "Less than twice: a row of 16 is one vector, and sums across a vector, sampling "
                 "and packing do not shrink with its lanes.",
       .setup = program(Studied::fast_adam, "avx512")},
      {.name = "beginnings that names share computed once",
       .expected = "Under causal attention equal beginnings have equal rows: 114 become 92.",
       .taught = "Exact, and again work that is not done. It brings nearly the rows' share; Adam, "
                 "the copies of the weights and the sorting do not shrink.",
       .setup = program(Studied::fast_adam, widest, Packing::merged)},
  };
}

std::vector<Experiment> experiments() {
  const std::string narrow = vector_names().front(), widest = vector_names().back();
  const Setup engine = program(Studied::fast_adam, widest);
  return {
      {.key = "padding",
       .name = "every name filled up to 16 rows",
       .expected = "All names alike: no table of where each begins, no ragged edge.",
       .taught = "Tiles do not care where a name begins. The filling is computed like the rest.",
       .tried = program(Studied::fast_adam, widest, Packing::padded),
       .instead = engine},
      {.key = "exp",
       .name = "the library's exp",
       .expected = "It is correct to the last bit, and there are few logits.",
       .taught = "One number at a time, while the rest goes by vectors.",
       .tried = program(Studied::library_exp, widest),
       .instead = engine},
      {.key = "batch",
       .name = "one name a step, not 16",
       .expected = "All of it stays in L1.",
       .taught = "Adam and the copies of the weights are paid for each step, however many names "
                 "are in it.",
       .tried = program(Studied::fast_adam, widest, Packing::names, 1),
       .instead = engine},
      {.key = "names",
       .name = "names one by one, one update",
       .expected = "A name's matrices fit into L1, the batch's do not: all operations for one "
                   "name, then the next.",
       .taught = "Weights are copied 16 times, sums of dW loaded and stored 16 times, and few "
                 "rows fill no tile. L2 is near enough.",
       .tried = name_by_name(Studied::fast_adam, widest),
       .instead = engine},
      {.key = "zeros",
       .name = "no test for 0 (sums in memory)",
       .expected = "Before the tiles, a product skipped the numbers that ReLU had made 0. Without "
                   "the test there is no branch to be guessed.",
       .taught = "The branch is guessed well enough, and a product by 0 is a row of multiply-adds "
                 "for nothing. (In tiles the test has no place: eight rows share each load.)",
       .tried = program(Studied::in_memory, narrow),
       .instead = program(Studied::skip_zeros, narrow)},
      {.key = "tiles",
       .name = "tiles twice as tall",
       .expected = "Each load of W serves twice as many rows.",
       .taught = "There are not so many registers: sums are spilled to memory and read back.",
       .tried = program(Studied::tall_tiles, widest),
       .instead = engine},
      {.key = "merging",
       .name = "beginnings merged, one name a step",
       .expected = "It helps a batch, so why not always?",
       .taught =
           "Nobody to share with. It does no harm either: the search for shared beginnings is "
           "cheap.",
       .tried = program(Studied::fast_adam, widest, Packing::merged, 1),
       .instead = program(Studied::fast_adam, widest, Packing::names, 1)},
      {.key = "adam",
       .name = "Adam in three short loops",
       .expected = "A loop each for m, v and the parameters: fewer registers, and compilers like "
                   "short loops.",
       .taught = "Even, where this was written: m and v come back from the cache while the root "
                 "is waited for. Where loads are what is waited for, it loses.",
       .tried = program(Studied::split_adam, widest),
       .instead = engine},
      {.key = "division",
       .name = "Adam with exact root and quotient",
       .expected = "The processor has instructions for both; estimates need five more.",
       .taught = "One or two percent slower: 262 vectors a step wait for the one unit that "
                 "divides. A root alone, beside an estimated quotient, costs nothing there.",
       .tried = program(Studied::fast_exp, widest),
       .instead = engine},
  };
}

}  // namespace ladder
