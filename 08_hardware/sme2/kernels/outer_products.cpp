#include "08_hardware/sme2/kernels/outer_products.hpp"

#include "08_hardware/sme2/kernels/outer_products_streaming.hpp"
#include "08_hardware/sme2/kernels/streaming.hpp"

namespace ladder::sme2 {

namespace {

// A function that is "locally streaming" begins with SMSTART and ends with SMSTOP; one with a new
// ZA switches that on and off, too. (noinline: a switch must stand where it is counted.)
[[gnu::noinline]] __arm_new("za") __arm_locally_streaming
    void enter_for(const Product* products, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) outer_products(products[i]);
}

}  // namespace

void multiply_all(std::span<const Product> products) {
  count_entry();
  enter_for(products.data(), products.size());
}

void multiply(const Product& product) { multiply_all({&product, 1}); }

int lanes() { return static_cast<int>(svcntsw()); }  // RDSVL works in either mode

}  // namespace ladder::sme2
