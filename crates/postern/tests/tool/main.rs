//! The tool as its users meet it: real processes, on stacks of their own.

mod conventions;
mod doctor;
mod mistyped;
mod reading;
mod running;
mod schema;
mod secrets;
mod shapes;
mod stacks;
