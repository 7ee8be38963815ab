//! The tool as its users meet it: real processes, on stacks of their own.

mod conventions;
mod running;
mod stacks;
