// x = wte[token] + wpe[position], saturated. Two small memories, read at the same time; of LUTs,
// because much follows in the same cycle.
module embedding (
    input  logic             clk,
    input  logic [4:0]       token,     // in cycle 0
    input  logic [3:0]       position,
    output logic [16*16-1:0] x          // in cycle 1
);
  logic [16*16-1:0] of_token, of_position;
  rom #(.Width(256), .Depth(27), .File("wte.hex"), .Style("logic")) wte (.clk, .address(token), .word(of_token));
  rom #(.Width(256), .Depth(16), .File("wpe.hex"), .Style("logic")) wpe (.clk, .address(position), .word(of_position));
  for (genvar i = 0; i < 16; i++) begin : g_add
    assign x[16*i+:16] = fixed::saturate16(40'(signed'(of_token[16*i+:16]))
                                         + 40'(signed'(of_position[16*i+:16])));
  end
endmodule
