// What multiplier and ROM become on the chip, for a test and for trying out the tools: four
// multiply-add lanes, each with a block RAM of its own. A block RAM answers late (5.6 of 10 ns, says
// the router), so its word gets a register before it goes anywhere.
module check (
    input  logic       clk_25mhz,
    output logic [7:0] led
);
  localparam int Lanes = 4;
  logic [8:0] address;
  logic signed [15:0] x;
  logic [8*Lanes-1:0] shown;
  initial begin
    address = 0;
    x = 1;
  end
  always_ff @(posedge clk_25mhz) begin
    address <= address + 9'd1;
    x <= {x[14:0], x[15] ^ x[13] ^ x[12] ^ x[10]};
  end
  genvar lane;
  generate
    for (lane = 0; lane < Lanes; lane = lane + 1) begin : gen_lane
      logic [15:0] word;
      logic signed [15:0] weight, input_copy;
      logic signed [35:0] product;
      logic signed [39:0] sum;
      initial sum = 0;
      rom #(.Width(16), .Depth(512), .File("check.hex")) weights (
          .clk(clk_25mhz), .address(address + 9'(lane)), .word
      );
      multiplier mult (.clk(clk_25mhz), .a(18'(weight)), .b(18'(input_copy)), .product);
      always_ff @(posedge clk_25mhz) begin
        weight <= word;
        input_copy <= x;
        sum <= sum + 40'(product);
        shown[8*lane+:8] <= sum[39:32];
      end
    end
  endgenerate
  assign led = shown[31:24] ^ shown[23:16] ^ shown[15:8] ^ shown[7:0];
endmodule
