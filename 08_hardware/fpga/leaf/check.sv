// What the leaves become on the chip, for tests and for trying out the tools: four multiply-add
// lanes, each with a block RAM of its own.
`default_nettype none
module leaf_check (
    input wire clk_25mhz,
    output wire [7:0] led
);
  localparam LANES = 4;
  reg [8:0] address = 0;
  reg signed [15:0] x = 1;
  // verilator lint_off UNUSEDSIGNAL
  wire [LANES*40-1:0] sums;
  // verilator lint_on UNUSEDSIGNAL
  always @(posedge clk_25mhz) begin
    address <= address + 9'd1;
    x <= {x[14:0], x[15] ^ x[13] ^ x[12] ^ x[10]};
  end
  genvar lane;
  generate
    for (lane = 0; lane < LANES; lane = lane + 1) begin : lanes
      wire [15:0] word;
      reg signed [15:0] weight, input_copy;
      wire signed [31:0] product;
      reg signed [39:0] sum = 0;
      rom #(
          .FILE("leaf_check.hex")
      ) weights (
          .clk(clk_25mhz),
          .enable(1'b1),
          .address(address + 9'(lane)),
          .word(word)
      );
      multiplier mult (
          .clk(clk_25mhz),
          .enable(1'b1),
          .a(weight),
          .b(input_copy),
          .p(product)
      );
      always @(posedge clk_25mhz) begin
        weight <= word;
        input_copy <= x;
        sum <= sum + 40'(product);
      end
      assign sums[40*lane+:40] = sum;
    end
  endgenerate
  reg [7:0] shown;
  always @(posedge clk_25mhz)
    shown <= sums[39:32] ^ sums[79:72] ^ sums[119:112] ^ sums[159:152];
  assign led = shown;
endmodule
