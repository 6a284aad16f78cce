// In place of rtl/rom.sv and rtl/kv_memory.sv, for proofs: any contents.
module rom #(
    parameter int Width = 16,
    parameter int Depth = 16,
    parameter File = "",
    parameter Style = ""
) (
    input  logic                     clk,
    input  logic [$clog2(Depth)-1:0] address,
    output logic [Width-1:0]         word
);
  (* anyseq *) logic [Width-1:0] any;
  assign word = any;
endmodule

module kv_memory (
    input  logic              clk,
    input  logic              write,
    input  logic              write_value,
    input  logic              write_half,
    input  logic [1:0]        write_stream,
    input  logic [3:0]        write_position,
    input  logic [8*16-1:0]   numbers,
    input  logic [3:0]        read_row,
    output logic [128*16-1:0] row
);
  (* anyseq *) logic [128*16-1:0] any;
  assign row = any;
endmodule
