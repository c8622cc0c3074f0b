//! `ping`.

use serde_json::json;

use crate::Sockets;
use crate::message::Said;

impl Sockets {
    /// The connection is alive, and so is the sign-in. Nothing is written: who does not answer any more is found gone when
    /// something is pushed to them.
    pub(crate) fn ping(&self) -> Said {
        Said("pong", json!({"at": self.platform().now()}))
    }
}
