// A memory that is written once, when the chip is configured. It is read at the clock: the word of
// this cycle's address is there in the next one, as the block RAM of an FPGA does it. Style is for
// Yosys: "logic" makes a table of LUTs with a register of it, whose word comes 5 ns earlier.
`ifndef ROM_FOLDER
`define ROM_FOLDER ""
`endif
module rom #(
    parameter int Width = 16,
    parameter int Depth = 16,
    parameter File = "rom.hex",
    // verilator lint_off UNUSEDPARAM
    parameter Style = "block"
    // verilator lint_on UNUSEDPARAM
) (
    input  logic                     clk,
    input  logic [$clog2(Depth)-1:0] address,
    output logic [Width-1:0]         word
);
  (* rom_style = Style *)
  logic [Width-1:0] words[Depth]  /* verilator public_flat_rw */;
  initial $readmemh({`ROM_FOLDER, File}, words);
  always_ff @(posedge clk) word <= words[address];
endmodule
