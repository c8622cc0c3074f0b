//! What tests stand on.

mod answer;
mod clock;
mod entropy;
mod people;
mod table;
mod tokens;
mod trap;
mod webhooks;
mod world;

pub use answer::{Answer, Ask};
pub use clock::TestClock;
pub use entropy::SeededEntropy;
pub use people::{Person, Tenant};
pub use table::{TABLE, definition};
pub use tokens::{Keys, forged};
pub use trap::Trap;
pub use webhooks::Webhooks;
pub use world::World;
