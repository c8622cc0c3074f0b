use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::*;
use crate::{
    Actor, AgentState, BranchId, Call, EntityNote, Event, EventId, FieldChange, Lead, LeadId, Notification,
    OrganizationId, Record, Reminder, UserId,
};

const KINDS: [Kind; 6] = [Kind::Agent, Kind::Call, Kind::Lead, Kind::Note, Kind::Notification, Kind::Reminder];

fn event(kind: &str, changed: &[&str]) -> Event {
    let at = Timestamp::from_second(1_800_000_000).expect("a time");
    let change = |field: &&str| FieldChange { field: (*field).to_owned(), before: json!("a"), after: json!("b") };
    Event {
        id: EventId::at(at, [1; 10]),
        kind: kind.to_owned(),
        organization: OrganizationId::at(at, [2; 10]),
        record: kind.split('.').next().unwrap_or_default().to_owned(),
        subject: LeadId::at(at, [3; 10]).to_string(),
        version: 2,
        at,
        actor: Actor::Visitor,
        origin: None,
        changes: changed.iter().map(change).collect(),
        reason: None,
        data: Map::new(),
    }
}

#[test]
fn no_frame_shows_a_field_that_is_sealed() {
    let sealed = [
        (Kind::Agent, AgentState::SEALED),
        (Kind::Call, Call::SEALED),
        (Kind::Lead, Lead::SEALED),
        (Kind::Note, EntityNote::SEALED),
        (Kind::Notification, Notification::SEALED),
        (Kind::Reminder, Reminder::SEALED),
    ];
    assert_eq!(sealed.len(), KINDS.len());
    for (kind, sealed) in sealed {
        assert_eq!(Kind::of(kind.as_str()), Some(kind));
        for (stored, _) in kind.shown() {
            assert!(!sealed.contains(stored), "{kind:?} {stored}");
        }
    }
}

#[test]
fn an_event_is_told_by_the_name_that_says_most() {
    let told = |kind: &str, changed: &[&str]| Told::of(&event(kind, changed)).map(|told| told.event);
    for (kind, changed, name) in [
        ("lead.created", &[][..], Some("lead:created")),
        ("lead.updated", &["priority"][..], Some("lead:updated")),
        ("lead.updated", &["status", "assigned_to"][..], Some("lead:assigned")),
        ("lead.stage_changed", &["status"][..], Some("lead:status")),
        ("lead.touched", &[][..], Some("lead:updated")),
        ("lead.revealed", &[][..], None),
        ("lead.purged", &[][..], None),
        ("call.ended", &["status"][..], Some("call:ended")),
        ("reminder.due", &[][..], Some("reminder:due")),
        ("reminder.snoozed", &[][..], Some("reminder:updated")),
        ("notification.created", &[][..], Some("notification:new")),
        ("agent.status_changed", &["status"][..], Some("agent:status")),
        ("organization.updated", &[][..], None),
    ] {
        assert_eq!(told(kind, changed).as_deref(), name, "{kind} {changed:?}");
    }
}

#[test]
fn what_is_told_holds_no_value_but_those_that_decide_who_hears_it() {
    let told = Told::of(&event("lead.updated", &["phone", "full_name", "assigned_to"])).expect("it is told");
    assert_eq!(told.changed, ["phone", "full_name", "assigned_to"]);
    assert_eq!(told.before.keys().collect::<Vec<_>>(), ["assigned_to"]);
    let text = serde_json::to_string(&told).expect("JSON");
    assert_eq!(serde_json::from_str::<Told>(&text).expect("JSON"), told);
}

#[test]
fn a_room_is_read_as_it_was_written() {
    let at = Timestamp::from_second(1).expect("a time");
    for room in [
        Room::All,
        Room::User(UserId::at(at, [1; 10])),
        Room::Branch(BranchId::at(at, [1; 10])),
        Room::Lead(LeadId::at(at, [1; 10])),
    ] {
        assert_eq!(room.to_string().parse(), Ok(room));
    }
    assert!("call_00000000000000000000000000".parse::<Room>().is_err());
}

#[test]
fn a_note_about_what_is_gone_is_nobodys_news() {
    let told = Told {
        kind: Kind::Note,
        event: "note:created".to_owned(),
        ..Told::of(&event("lead.created", &[])).expect("told")
    };
    let fields = |value: Value| value.as_object().expect("fields").clone();
    let note = Outline {
        kind: "note".to_owned(),
        version: 1,
        deleted: false,
        fields: fields(json!({"is_private": false, "entity_type": "lead", "entity_id": "lead_x"})),
    };
    assert!(View::new(&told, &note, None).is_none());
    let lead = Outline { kind: "lead".to_owned(), fields: fields(json!({})), ..note.clone() };
    let view = View::new(&told, &note, Some(&lead)).expect("about what is there");
    assert!(view.rooms().len() <= MAX_ROOMS_OF_A_VIEW);
    assert!(View::new(&told, &Outline { deleted: true, ..note }, Some(&lead)).is_none(), "deleted meanwhile");
}
