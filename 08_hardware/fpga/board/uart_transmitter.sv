// Bytes onto a serial line, 8N1: a start bit (0), eight bits of data, the lowest first, and a stop
// bit (1). Each lasts Divisor cycles; the line rests at 1. The next byte may follow without a gap.
module uart_transmitter #(
    parameter int Divisor = 217  // cycles a bit: 25 MHz / 115200 baud
) (
    input  logic clk,
    input  logic reset,
    input  logic valid,
    output logic ready,
    input  logic [7:0] data,
    output logic line
);
  localparam int CountWidth = $clog2(Divisor);
  localparam logic [CountWidth-1:0] Last = CountWidth'(Divisor - 1);
  logic [CountWidth-1:0] count;  // cycles left of this bit
  logic [3:0] bits_left;  // 0: at rest
  logic [8:0] shift;  // what is on the line, and what follows it
  assign line  = shift[0];
  assign ready = bits_left == 0;
  always_ff @(posedge clk) begin
    if (reset) begin
      bits_left <= 0;
      count <= 0;
      shift <= 9'h1ff;
    end else if (ready) begin
      if (valid) begin
        bits_left <= 10;
        count <= Last;
        shift <= {data, 1'b0};
      end
    end else if (count != 0) begin
      count <= count - 1'b1;
    end else begin
      bits_left <= bits_left - 1'b1;
      count <= Last;
      shift <= {1'b1, shift[8:1]};
    end
  end
endmodule
