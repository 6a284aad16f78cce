// A push button as the circuit may use it: through two registers, since it knows no clock, and only
// once it has rested for 2^Log2Rest cycles, since its contacts bounce. (2^18 cycles are 10 ms.)
module button #(
    parameter int Log2Rest = 18
) (
    input  logic clk,
    input  logic pin,
    output logic pressed
);
  logic [1:0] seen;
  logic [Log2Rest-1:0] rest;
  initial begin
    seen = 0;
    rest = 0;
    pressed = 0;
  end
  always_ff @(posedge clk) begin
    seen <= {seen[0], pin};
    if (seen[1] == pressed) rest <= 0;
    else begin
      rest <= rest + 1'b1;
      if (&rest) pressed <= seen[1];
    end
  end
endmodule
