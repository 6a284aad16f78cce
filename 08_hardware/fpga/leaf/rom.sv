// A memory that is only read; its contents come from a file of $readmemh. The word is there one
// cycle after its address.
//
// Yosys makes a block RAM of it (DP16KD) because the read has a register of its own. Such a memory
// answers late in the cycle, about half of 10 ns: let nothing but wires stand between `word` and
// the next register.
`default_nettype none
module rom #(
    parameter WIDTH = 16,
    parameter DEPTH = 512,
    parameter FILE  = ""
) (
    input wire clk,
    input wire enable,
    input wire [$clog2(DEPTH)-1:0] address,
    output reg [WIDTH-1:0] word
);
  (* ram_style = "block", rom_style = "block" *)
  reg [WIDTH-1:0] words[0:DEPTH-1];
  initial $readmemh(FILE, words);
  always @(posedge clk) if (enable) word <= words[address];
endmodule
