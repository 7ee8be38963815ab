//! The tool as its users meet it: real processes, on stacks of their own.

mod conventions;
mod doctor;
mod running;
mod secrets;
mod stacks;
