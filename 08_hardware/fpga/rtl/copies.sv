// A register of which many want a copy near by. Copies are one and the same to Yosys, which would leave
// one for all; so the module says that it wants to be kept.
(* keep_hierarchy *)
module copies #(
    parameter int Width = 1
) (
    input  logic             clk,
    input  logic [Width-1:0] now,
    output logic [Width-1:0] kept  // a cycle later
);
  always_ff @(posedge clk) kept <= now;
endmodule
