//! `subscribe` and `unsubscribe`.

use std::collections::BTreeSet;

use domain::realtime::Room;
use domain::{Lead, LeadId, Permission, Rows};
use serde_json::{Value, json};
use store::ReadError;

use crate::Sockets;
use crate::message::{Message, Refused, Said, Saying};

const UNKNOWN: Refused = Refused::new("unknown_room", "The room must be own, team or lead with a lead_id.");
/// Of another organization, out of reach or not there: all look the same.
const NO_LEAD: Refused = Refused::new("not_found", "There is no such lead.");

impl Sockets {
    /// Joins a room: what one's role reaches costs 1 write a person of the team or branch, a lead 1 read and 1 write; and
    /// 1 write for the connection.
    pub(crate) async fn subscribe(&self, saying: &Saying, message: &Message) -> Result<Said, Refused> {
        let table = self.platform().table();
        let rooms = rooms(saying, message)?;
        if let Some(Room::Lead(lead)) = rooms.first() {
            let grant = saying.caller.allow(Permission::LeadsRead).map_err(|_| NO_LEAD)?;
            match table.get::<Lead>(&grant, *lead).await {
                Ok(_) => {}
                Err(ReadError::NotFound) => return Err(NO_LEAD),
                Err(ReadError::Store(error)) => return Err(error.into()),
            }
        }
        self.listen(saying.connection.organization).await?;
        table.join(&saying.connection, &rooms).await?;
        Ok(Said("subscribed", self.named(message)))
    }

    /// Leaves a room; one's own stays.
    pub(crate) async fn unsubscribe(&self, saying: &Saying, message: &Message) -> Result<Said, Refused> {
        let mut rooms = match message.room.as_deref() {
            Some("own") => return Err(Refused::new("own_stays", "What is your own is always told.")),
            // What the role reached when the room was joined may not be what it reaches now.
            Some("team") => {
                let joined = saying.connection.rooms.iter().copied();
                joined.filter(|room| !matches!(room, Room::Lead(_))).collect()
            }
            _ => rooms(saying, message)?,
        };
        rooms.remove(&Room::User(saying.connection.user));
        self.platform().table().leave(&saying.connection, &rooms).await?;
        Ok(Said("unsubscribed", self.named(message)))
    }

    fn named(&self, message: &Message) -> Value {
        let mut named = json!({"room": message.room, "at": self.platform().now()});
        if let (Some(lead), Some(members)) = (&message.lead_id, named.as_object_mut()) {
            members.insert("lead_id".to_owned(), lead.as_str().into());
        }
        named
    }
}

/// The rooms behind the name of one.
fn rooms(saying: &Saying, message: &Message) -> Result<BTreeSet<Room>, Refused> {
    Ok(match message.room.as_deref() {
        Some("own") => [Room::User(saying.connection.user)].into(),
        Some("team") => match &saying.authority.rows {
            Rows::All => [Room::All].into(),
            Rows::Branches { branches } => branches.iter().copied().map(Room::Branch).collect(),
            Rows::Team { users } => users.iter().copied().map(Room::User).collect(),
            Rows::Own { user } => [Room::User(*user)].into(),
        },
        Some("lead") => {
            let lead: Option<LeadId> = message.lead_id.as_deref().and_then(|lead| lead.parse().ok());
            [Room::Lead(lead.ok_or(NO_LEAD)?)].into()
        }
        _ => return Err(UNKNOWN),
    })
}
