// A belt of 16 cycles instead of 144, for proofs about the controller: what they say does not depend on
// when a station comes, only on the belt being four intervals long.
package timetable;
  localparam int Interval = 4;
  localparam int Norm1 = 1;
  localparam int Norm2 = 2;
  localparam int Key0 = 3;
  localparam int Key1 = 4;
  localparam int Query0 = 5;
  localparam int Query1 = 6;
  localparam int Score0 = 7;
  localparam int Score1 = 8;
  localparam int Value0 = 9;
  localparam int Value1 = 10;
  localparam int Powers = 9;
  localparam int Attend0 = 11;
  localparam int Attend1 = 12;
  localparam int Mix0 = 13;
  localparam int Mix1 = 14;
  localparam int Norm3 = 3;
  localparam int Up = 5;
  localparam int Down0 = 8;
  localparam int Down1 = 9;
  localparam int Down2 = 10;
  localparam int Down3 = 11;
  localparam int Down4 = 12;
  localparam int Down5 = 13;
  localparam int Down6 = 14;
  localparam int Down7 = 15;
  localparam int Head = 10;
  localparam int Sample = 12;
  localparam int Last = 16;
  localparam int Settling = 3;
  function automatic int after(input int c);
    after = (c == 5) ? 8 : (c == 12) ? 14 : c + 1;
  endfunction
endpackage
