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
       .expected = "No graph, no nodes: formulas and loops over floats.",
       .taught = "The tape was most of the time. (A name has 7.1 rows on average; more than half "
                 "of what is computed here is filling.)",
       .setup = plain(Packing::padded)},
      {.name = "packed: names one below the other",
       .expected = "Rows of filling need not be computed: 114 of 256 are real.",
       .taught = "Work that is not done is the fastest. Nothing later brings this much for so "
                 "little code.",
       .setup = plain(Packing::names)},
      {.name = "sums side by side, four floats a vector",
       .expected = "A dot product is one chain of additions, whose order a compiler must keep. "
                   "With W transposed, a row of sums grows side by side, in vectors.",
       .taught = "The order of loops decides whether a compiler can use vectors. Copying the "
                 "weights costs little.",
       .setup = name_by_name(Studied::in_memory, narrow)},
      {.name = "each operation for the whole batch",
       .expected = "Weights are copied once a step instead of once a name, and loops are long.",
       .taught = "An operation is a function of one matrix, and what it needs to begin is paid "
                 "once. The matrices leave L1 for L2, and that costs less.",
       .setup = program(Studied::in_memory, narrow)},
      {.name = "sums in registers",
       .expected = "In memory each multiply-add loads and stores its sum. A tile of sums in "
                   "registers lets a load of x and one of W serve many.",
       .taught = "Of a product's time most was loading and storing. dW, too, is written once a "
                 "batch and not once a row.",
       .setup = program(Studied::registers, narrow)},
      {.name = "queries, keys, values in one product",
       .expected = "x is read once for three matrices, and rows of 48 fill tiles better.",
       .taught = "Little: x lay in the cache. It saves two functions' beginnings and ends.",
       .setup = program(Studied::fused_qkv, narrow)},
      {.name = "ReLU at the end of its product",
       .expected = "The sum is in a register when it is known whether it is negative.",
       .taught = "A pass over a matrix costs its loads and stores, however little it computes.",
       .setup = program(Studied::fused_relu, narrow)},
      {.name = "exp by a polynomial",
       .expected = "Thousands of exponentials a step, one call each; a polynomial takes a vector.",
       .taught = "The products were no longer what took the time. Relative error 3e-7, no more "
                 "than float's own rounding of a sum.",
       .setup = program(Studied::fast_exp, narrow)},
      {.name = "Adam's root and quotient estimated",
       .expected = "Root and division have one slow unit. An estimate and a Newton step are "
                   "multiplications.",
       .taught = "What every parameter goes through at every step counts: the whole model is "
                 "updated for only 114 rows.",
       .setup = program(Studied::fast_adam, narrow)},
      {.name = "eight floats a vector (AVX2)",
       .expected = "Twice the lanes, and multiply-add in one instruction.",
       .taught = "Nearly all of the step is vectors by now: what was written for four lanes is "
                 "only compiled again.",
       .setup = program(Studied::fast_adam, "avx2")},
      {.name = "sixteen floats a vector (AVX-512)",
       .expected = "Again twice the lanes, and 32 registers instead of 16.",
       .taught = "Less than twice: attention, sampling and what is done row by row do not grow "
                 "with the lanes.",
       .setup = program(Studied::fast_adam, "avx512")},
      {.name = "beginnings that names share computed once",
       .expected = "Under causal attention equal beginnings have equal rows: 114 become 92.",
       .taught = "Exact, and once more work that is not done. Sorting the names takes a part of "
                 "it back.",
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
       .taught = "Adam and the copies of the weights are paid for each step, whoever is in it.",
       .tried = program(Studied::fast_adam, widest, Packing::names, 1),
       .instead = engine},
      {.key = "names",
       .name = "names one by one, one update",
       .expected = "A name's matrices fit into L1, the batch's do not: all operations for one "
                   "name, then the next.",
       .taught = "Weights are copied 16 times, sums of dW stored and loaded 16 times, and few "
                 "rows fill no tile. L2 is near enough.",
       .tried = name_by_name(Studied::fast_adam, widest),
       .instead = engine},
      {.key = "zeros",
       .name = "no multiplications by 0 (in memory)",
       .expected = "After a ReLU many numbers are 0: a branch saves a row of multiply-adds.",
       .taught = "A row is four vectors, and a branch guessed wrongly costs more than that.",
       .tried = program(Studied::skip_zeros, narrow),
       .instead = program(Studied::in_memory, narrow)},
      {.key = "tiles",
       .name = "tiles twice as tall",
       .expected = "Each load of W serves twice as many rows.",
       .taught = "There are not so many registers: sums are spilled to memory and read back.",
       .tried = program(Studied::tall_tiles, widest),
       .instead = engine},
      {.key = "division",
       .name = "Adam with exact root and quotient",
       .expected = "The processor has instructions for both; estimates need five more.",
       .taught = "Root and division share a unit that takes a vector every 16 cycles or more; "
                 "multiplications take one.",
       .tried = program(Studied::fast_exp, widest),
       .instead = engine},
      {.key = "adam",
       .name = "Adam in three short loops",
       .expected = "A short loop needs fewer registers, and compilers like it.",
       .taught = "m and v were in registers when the parameter needed them; now they go out to "
                 "memory and back.",
       .tried = program(Studied::split_adam, widest),
       .instead = engine},
      {.key = "merging",
       .name = "merged beginnings, one name a step",
       .expected = "It helps a batch, so why not always?",
       .taught = "Nobody to share with: the sorting is all that is left.",
       .tried = program(Studied::fast_adam, widest, Packing::merged, 1),
       .instead = program(Studied::fast_adam, widest, Packing::names, 1)},
  };
}

}  // namespace ladder
