//! What is parked, for whom, and how it gets out again: the table of the outlets and the sweep,
//! against a real table and a real queue.

mod house;
mod sealing;
mod store;
mod sweeping;
