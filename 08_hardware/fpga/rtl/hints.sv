// What a job is, decoded a cycle before it is needed and kept beside those who need it. Each group of the
// engine has its own: a wire from one register to all eight would be the slowest of the chip. (As copies of
// a register are one and the same to Yosys, the module says that it wants to be kept.)
(* keep_hierarchy *)
module hints (
    input  logic            clk,
    // verilator lint_off UNUSEDSIGNAL
    input  fixed::command_t command,
    // verilator lint_on UNUSEDSIGNAL
    output logic [10:0]     known  // a cycle later; bits as in fixed.sv
);
  always_ff @(posedge clk) begin
    for (int op = 0; op < 9; op++) known[op] <= command.valid && command.op == 4'(op);
    known[fixed::Later] <= command.index[2:1] != 2'd0;
    known[fixed::Half] <= command.index[0];
  end
endmodule
