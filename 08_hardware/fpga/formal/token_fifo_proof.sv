// Proof: the queue before the reader loses no token, doubles none and keeps their order, whatever the
// reader does and whenever the chip is reset. The asserts stand in the queue itself.
//
// Sources: rtl/token_fifo.sv
// Steps: induction 4
// Mistake: rtl/token_fifo.sv: s/if (valid \&\& ready) read/if (ready) read/
// Mistake: rtl/token_fifo.sv: s/if (put) write/if (put \&\& !ready) write/
// Mistake: rtl/token_fifo.sv: s/ - 4'(valid \&\& ready);/ - 4'(valid \&\& ready \&\& !put);/
module token_fifo_proof (
    input  logic       clk,
    input  logic       rst_later,
    input  logic       put,
    input  logic [3:0] entry,
    input  logic       ready,
    output logic       valid,
    output logic [3:0] first
);
  logic begun;
  initial begun = 1'b0;
  always_ff @(posedge clk) begun <= 1'b1;
  token_fifo #(.Width(4)) queue (.clk, .rst(rst_later || !begun), .put, .entry, .valid, .ready, .first);
endmodule
