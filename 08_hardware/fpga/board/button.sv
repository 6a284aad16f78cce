// A push button as the circuit may use it: through two registers, since it knows no clock, and only
// once it has rested for 2^LOG2_REST cycles, since its contacts bounce. (2^20 cycles are 10 ms.)
`default_nettype none
module button #(
    parameter LOG2_REST = 20
) (
    input wire clk,
    input wire pin,
    output reg pressed
);
  reg [1:0] seen;
  reg [LOG2_REST-1:0] rest;
  initial begin
    seen = 0;
    rest = 0;
    pressed = 0;
  end
  always @(posedge clk) begin
    seen <= {seen[0], pin};
    if (seen[1] == pressed) rest <= 0;
    else begin
      rest <= rest + 1'b1;
      if (&rest) pressed <= seen[1];
    end
  end
endmodule
