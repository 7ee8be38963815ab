//! The tool as its users meet it: real processes, on stacks of their own.

mod conventions;
mod mistyped;
mod reading;
mod running;
mod schema;
mod shapes;
mod stacks;
