// Bytes onto a serial line, 8N1: a start bit (0), eight bits of data, the lowest first, and a stop
// bit (1). Each lasts DIVISOR cycles; the line rests at 1. The next byte may follow without a gap.
`default_nettype none
module uart_transmitter #(
    parameter DIVISOR = 868  // cycles a bit: 100 MHz / 115200 baud
) (
    input wire clk,
    input wire reset,
    input wire valid,
    output wire ready,
    input wire [7:0] data,
    output wire line
);
  localparam COUNT_WIDTH = $clog2(DIVISOR);
  localparam [COUNT_WIDTH-1:0] LAST = COUNT_WIDTH'(DIVISOR - 1);
  reg [COUNT_WIDTH-1:0] count;  // cycles left of this bit
  reg [3:0] bits_left;  // 0: at rest
  reg [8:0] shift;  // what is on the line, and what follows it
  assign line  = shift[0];
  assign ready = bits_left == 0;
  always @(posedge clk) begin
    if (reset) begin
      bits_left <= 0;
      count <= 0;
      shift <= 9'h1ff;
    end else if (ready) begin
      if (valid) begin
        bits_left <= 10;
        count <= LAST;
        shift <= {data, 1'b0};
      end
    end else if (count != 0) begin
      count <= count - 1'b1;
    end else begin
      bits_left <= bits_left - 1'b1;
      count <= LAST;
      shift <= {1'b1, shift[8:1]};
    end
  end
endmodule
