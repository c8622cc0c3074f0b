//! Open connections and the rooms they are in.
//!
//! A connection is one item, found by its id, that lists its rooms; each room has an entry for it, so that who hears of a
//! change is a Query. Rooms are written to the connection before their entries, and entries go before it: whoever dies in
//! between leaves nothing that the next close, a push that finds nobody, or the time to live does not remove.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, WriteRequest};
use domain::realtime::{CONNECTION_LIFE, MAX_ROOMS, Room};
use domain::{OrganizationId, SessionId, UserId};
use futures::future::try_join_all;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::batch::{delete, put};
use crate::error::StoreError;
use crate::item::{Item, n, number, s, text};
use crate::keys::{self, Key, attr};
use crate::table::Table;

/// An open connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    /// The id that API Gateway gave it.
    #[serde(skip)]
    pub id: String,
    /// The tenant.
    pub organization: OrganizationId,
    /// The person.
    pub user: UserId,
    /// Their sign-in.
    pub session: SessionId,
    /// Since when.
    pub connected_at: Timestamp,
    /// Where it listens.
    #[serde(skip)]
    pub rooms: BTreeSet<Room>,
}

/// Somebody in a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hearer {
    /// The connection's id.
    pub connection: String,
    /// The person.
    pub user: UserId,
    /// Their sign-in.
    pub session: SessionId,
}

/// A page of those in some rooms, each connection once, in the order of their ids.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hearers {
    /// Who they are.
    pub hearers: Vec<Hearer>,
    /// The connection behind which there are more.
    pub next: Option<String>,
}

/// A room could not be joined.
#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    /// The connection is gone, or in as many rooms as it may be.
    #[error("the connection is gone or in too many rooms")]
    Refused,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Connection {
    fn ends(&self) -> i64 {
        (self.connected_at + CONNECTION_LIFE).as_second()
    }

    fn entry(&self, room: Room) -> Result<WriteRequest, StoreError> {
        let hearer = [(attr::SUBJECT, s(self.user.to_string())), (attr::DATA, s(self.session.to_string()))];
        put(seat(self.organization, room, &self.id), hearer.into_iter().chain([(attr::TTL, n(self.ends()))]))
    }

    fn no_entry(&self, room: Room) -> Result<WriteRequest, StoreError> {
        delete(seat(self.organization, room, &self.id))
    }
}

/// The place of a connection in a room.
fn seat(organization: OrganizationId, room: Room, connection: &str) -> Key {
    Key { pk: keys::room(organization, room), sk: connection.to_owned() }
}

fn names<'a>(rooms: impl IntoIterator<Item = &'a Room>) -> AttributeValue {
    AttributeValue::Ss(rooms.into_iter().map(Room::to_string).collect())
}

impl Table {
    /// Remembers a new connection and lets it into its rooms: 1 `PutItem`, then 1 write unit a room. It may be opened
    /// again, with the same end.
    pub async fn open_connection(&self, connection: &Connection) -> Result<(), StoreError> {
        let key = keys::connection(&connection.id);
        let data = serde_json::to_string(connection).map_err(|error| StoreError::unreadable(&key.pk, error))?;
        self.client
            .put_item()
            .table_name(&self.name)
            .item(attr::PK, s(key.pk))
            .item(attr::SK, s(key.sk))
            .item(attr::DATA, s(data))
            .item(attr::ROOMS, names(&connection.rooms))
            .item(attr::TTL, n(connection.ends()))
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("PutItem", &error))?;
        self.write_all(connection.rooms.iter().map(|room| connection.entry(*room)).collect::<Result<_, _>>()?).await
    }

    /// An open connection: 1 `GetItem`, 1 read unit.
    pub async fn connection(&self, id: &str) -> Result<Option<Connection>, StoreError> {
        let key = keys::connection(id);
        let Some(item) = self.get_item(&key, true).await? else { return Ok(None) };
        let data = text(&item, attr::DATA).ok_or_else(|| StoreError::unreadable(&key.pk, "no data"))?;
        let connection: Connection =
            serde_json::from_str(data).map_err(|error| StoreError::unreadable(&key.pk, error))?;
        let rooms = item.get(attr::ROOMS).and_then(|rooms| rooms.as_ss().ok()).into_iter().flatten();
        let rooms = rooms.filter_map(|room| room.parse().ok()).collect();
        Ok(Some(Connection { id: id.to_owned(), rooms, ..connection }))
    }

    /// Lets a connection into rooms: 1 `UpdateItem`, then 1 write unit a room. Whatever is committed after this is heard.
    pub async fn join(&self, connection: &Connection, rooms: &BTreeSet<Room>) -> Result<(), JoinError> {
        let room_left = MAX_ROOMS.saturating_sub(rooms.len());
        if rooms.is_empty() {
            return Ok(());
        }
        let all_known = rooms.is_subset(&connection.rooms);
        let key = keys::connection(&connection.id);
        let mut update = self
            .client
            .update_item()
            .table_name(&self.name)
            .key(attr::PK, s(key.pk))
            .key(attr::SK, s(key.sk))
            .update_expression("ADD #rooms :rooms")
            .expression_attribute_names("#rooms", attr::ROOMS)
            .expression_attribute_values(":rooms", names(rooms));
        update = if all_known {
            update.condition_expression("attribute_exists(#pk)").expression_attribute_names("#pk", attr::PK)
        } else {
            update.condition_expression("size(#rooms) <= :left").expression_attribute_values(":left", n(room_left))
        };
        match update.send().await {
            Ok(_) => {}
            Err(SdkError::ServiceError(context))
                if matches!(context.err(), UpdateItemError::ConditionalCheckFailedException(_)) =>
            {
                return Err(JoinError::Refused);
            }
            Err(error) => return Err(StoreError::from_sdk("UpdateItem", &error).into()),
        }
        let entries = rooms.iter().map(|room| connection.entry(*room)).collect::<Result<_, StoreError>>()?;
        Ok(self.write_all(entries).await?)
    }

    /// Takes a connection out of rooms: 1 write unit a room, then 1 `UpdateItem`.
    pub async fn leave(&self, connection: &Connection, rooms: &BTreeSet<Room>) -> Result<(), StoreError> {
        let rooms: BTreeSet<Room> = rooms.intersection(&connection.rooms).copied().collect();
        if rooms.is_empty() {
            return Ok(());
        }
        self.write_all(rooms.iter().map(|room| connection.no_entry(*room)).collect::<Result<_, _>>()?).await?;
        let key = keys::connection(&connection.id);
        let sent = self
            .client
            .update_item()
            .table_name(&self.name)
            .key(attr::PK, s(key.pk))
            .key(attr::SK, s(key.sk))
            .update_expression("DELETE #rooms :rooms")
            .condition_expression("attribute_exists(#pk)")
            .expression_attribute_names("#pk", attr::PK)
            .expression_attribute_names("#rooms", attr::ROOMS)
            .expression_attribute_values(":rooms", names(&rooms))
            .send()
            .await;
        match sent {
            Ok(_) => Ok(()),
            // It was closed meanwhile.
            Err(SdkError::ServiceError(context))
                if matches!(context.err(), UpdateItemError::ConditionalCheckFailedException(_)) =>
            {
                Ok(())
            }
            Err(error) => Err(StoreError::from_sdk("UpdateItem", &error)),
        }
    }

    /// Forgets a connection: 1 read, then 1 write unit a room and 1 for itself. `found_in` are rooms that it was found in,
    /// for one that nothing else is known of. Closed twice, it is closed.
    pub async fn close_connection(
        &self,
        id: &str,
        organization: OrganizationId,
        found_in: &BTreeSet<Room>,
    ) -> Result<(), StoreError> {
        let known = self.connection(id).await?;
        let rooms = known.iter().flat_map(|known| &known.rooms).chain(found_in).copied().collect::<BTreeSet<_>>();
        let entries = rooms.into_iter().map(|room| delete(seat(organization, room, id)));
        self.write_all(entries.collect::<Result<_, _>>()?).await?;
        if known.is_some() {
            self.write_all(vec![delete(keys::connection(id))?]).await?;
        }
        Ok(())
    }

    /// The next connections in any of these rooms behind `after`, each once: 1 Query a room, 1 read unit a 4 KB; at most
    /// `limit` of each room. Entries whose time is over are left out.
    pub async fn hearers(
        &self,
        organization: OrganizationId,
        rooms: &BTreeSet<Room>,
        after: Option<&str>,
        limit: u16,
        now: Timestamp,
    ) -> Result<Hearers, StoreError> {
        let reads = rooms.iter().map(|room| self.in_room(keys::room(organization, *room), after, limit));
        let parts = try_join_all(reads).await?;
        // A room that was cut ends the page there: what lies behind its end is not known yet.
        let cut = parts.iter().filter(|(_, more)| *more).filter_map(|(items, _)| text(items.last()?, attr::SK));
        let next = cut.min().map(str::to_owned);
        let mut hearers = BTreeMap::new();
        for item in parts.iter().flat_map(|(items, _)| items) {
            let Some(connection) = text(item, attr::SK) else { continue };
            let beyond = next.as_deref().is_some_and(|next| connection > next);
            if beyond || number::<i64>(item, attr::TTL).is_none_or(|ttl| ttl <= now.as_second()) {
                continue;
            }
            let read = || Some((text(item, attr::SUBJECT)?.parse().ok()?, text(item, attr::DATA)?.parse().ok()?));
            let (user, session) = read().ok_or_else(|| StoreError::unreadable(connection, "nobody in a room"))?;
            let connection = connection.to_owned();
            hearers.insert(connection.clone(), Hearer { connection, user, session });
        }
        Ok(Hearers { hearers: hearers.into_values().collect(), next })
    }

    async fn in_room(&self, room: String, after: Option<&str>, limit: u16) -> Result<(Vec<Item>, bool), StoreError> {
        let answer = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression("#pk = :pk AND #sk > :after")
            .expression_attribute_names("#pk", attr::PK)
            .expression_attribute_names("#sk", attr::SK)
            .expression_attribute_values(":pk", s(room))
            // Nothing sorts before a space, and no connection's id is one.
            .expression_attribute_values(":after", s(after.unwrap_or(" ")))
            .consistent_read(true)
            .limit(i32::from(limit))
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("Query", &error))?;
        Ok((answer.items.unwrap_or_default(), answer.last_evaluated_key.is_some()))
    }
}
