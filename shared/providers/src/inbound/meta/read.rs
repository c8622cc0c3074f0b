//! What Meta tells: of WhatsApp by <https://developers.facebook.com/docs/whatsapp/cloud-api/webhooks/components>, of lead ads
//! by <https://developers.facebook.com/docs/marketing-api/guides/lead-ads/retrieving>, of its look at templates by
//! <https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/message_template_status_update>.
//!
//! People who go by a username are named by an id, and by their number only where Meta shows it:
//! <https://developers.facebook.com/documentation/business-messaging/whatsapp/business-scoped-user-ids>.
//!
//! Meta adds fields whenever it likes, so what is not known is passed over. What is known must read.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::event::{Content, Event, Lead, Message, Party, Status, TemplateStatus};
use super::wire::{
    Body, Change, Contact, Entry, Id, InButton, InChoice, InInteractive, InLead, InMedia, InMessage, InRejection,
    InStatus, InTemplate, InText, Metadata, Profile, Seconds, WhatsAppValue,
};
use crate::TemplateStanding;
use crate::inbound::{DeliveryState, Unreadable};

/// The longest name of a template, by <https://developers.facebook.com/docs/graph-api/reference/whats-app-business-account/message_templates>.
const MAX_NAME: usize = 512;
/// The longest tag of a language.
const MAX_LANGUAGE: usize = 35;

/// Meta puts at most so many updates into one request.
pub const MAX_EVENTS: usize = 1_000;

/// Reads a body, in its order.
pub fn read(body: &[u8]) -> Result<Vec<Event>, Unreadable> {
    let Body { entry } = serde_json::from_slice(body)?;
    let mut events = Vec::new();
    for Entry { id, time, changes } in entry {
        for Change { field, value } in changes {
            match field.as_str() {
                "messages" => whatsapp(&mut events, serde_json::from_value(value)?)?,
                "leadgen" => events.push(Event::Lead(lead(serde_json::from_value(value)?))),
                "message_template_status_update" => events.push(template(&id, &time, serde_json::from_value(value)?)?),
                _ => events.push(Event::Other(plain(&field))),
            }
            if events.len() > MAX_EVENTS {
                return Err(Unreadable(format!("it tells more than {MAX_EVENTS} things")));
            }
        }
    }
    Ok(events)
}

/// A word of Meta's, for a log.
fn plain(word: &str) -> String {
    word.chars().filter(|c| !c.is_control()).take(60).collect()
}

/// What moves no template (that it cannot be edited, that people complain of it) is something else.
fn template(account: &Value, time: &Value, told: InTemplate) -> Result<Event, Unreadable> {
    let InTemplate { event, message_template_name, message_template_language, reason, rejection_info } = told;
    let (name, language) = (message_template_name, message_template_language);
    if !(1..=MAX_NAME).contains(&name.chars().count()) || !(1..=MAX_LANGUAGE).contains(&language.len()) {
        return Err(Unreadable("a template has no name or no language".to_owned()));
    }
    let why = rejection_info.and_then(|InRejection { reason }| reason);
    let Some(standing) = TemplateStanding::read(&event, reason.as_deref(), why.as_deref()) else {
        return Ok(Event::Other(plain(&event)));
    };
    let Id(account) = serde_json::from_value(account.clone())?;
    // In another unit it says nothing; then the time of its arrival is as good.
    let at = serde_json::from_value(time.clone()).ok().map(|Seconds(at)| at);
    Ok(Event::Template(TemplateStatus { account, name, language, standing, at }))
}

fn whatsapp(events: &mut Vec<Event>, value: WhatsAppValue) -> Result<(), Unreadable> {
    let WhatsAppValue { metadata: Metadata { phone_number_id: Id(number) }, contacts, messages, statuses, errors } =
        value;
    for message in messages {
        events.push(Event::Message(Box::new(read_message(&number, &contacts, message)?)));
    }
    for status in statuses {
        events.push(Event::Status(read_status(&number, status)?));
    }
    events.extend(errors.into_iter().map(|error| Event::Failure(error.code)));
    Ok(())
}

fn read_message(number: &str, contacts: &[Contact], message: InMessage) -> Result<Message, Unreadable> {
    let InMessage { id: Id(id), from, from_user_id, timestamp: Seconds(at), kind, context, mut rest } = message;
    let from = party(from, from_user_id);
    if from == Party::default() && kind != "system" {
        return Err(Unreadable("a message is from nobody".to_owned()));
    }
    let Profile { name, username } = profile(contacts, &from);
    let content = match kind.as_str() {
        "text" => Content::Text(part::<InText>(&mut rest, &kind)?.body),
        "button" => {
            let InButton { payload, text } = part(&mut rest, &kind)?;
            Content::Button { payload, text }
        }
        "interactive" => match part::<InInteractive>(&mut rest, &kind)?.button_reply {
            Some(InChoice { id, title }) => Content::Choice { id, title },
            None => Content::Other(kind),
        },
        "image" | "audio" | "video" | "document" | "sticker" => {
            let InMedia { id: Id(id), mime_type, caption, filename } = part(&mut rest, &kind)?;
            Content::Media { kind, id, mime_type, caption, filename }
        }
        _ => Content::Other(plain(&kind)),
    };
    Ok(Message {
        number: number.to_owned(),
        id,
        from,
        name,
        username,
        at,
        answers: context.and_then(|context| context.id).map(|id| id.0),
        content,
    })
}

fn party(number: Option<Id>, user: Option<Id>) -> Party {
    Party { number: number.map(|id| id.0), user: user.map(|id| id.0) }
}

/// What somebody calls themselves.
fn profile(contacts: &[Contact], party: &Party) -> Profile {
    let is =
        |told: &Option<Id>, known: &Option<String>| told.is_some() && told.as_ref().map(|id| &id.0) == known.as_ref();
    let found = contacts.iter().find(|one| is(&one.user_id, &party.user) || is(&one.wa_id, &party.number));
    found.map(|contact| contact.profile.clone()).unwrap_or_default()
}

/// What stands under the message's own kind.
fn part<T: DeserializeOwned>(rest: &mut serde_json::Map<String, Value>, kind: &str) -> Result<T, Unreadable> {
    let value = rest.remove(kind).ok_or_else(|| Unreadable("a message lacks what it says".to_owned()))?;
    Ok(serde_json::from_value(value)?)
}

fn read_status(number: &str, status: InStatus) -> Result<Status, Unreadable> {
    let InStatus { id, status, timestamp, recipient_id, recipient_user_id, biz_opaque_callback_data, errors, pricing } =
        status;
    let state = match status.as_str() {
        "accepted" | "held_for_quality_assessment" => DeliveryState::Accepted,
        "sent" => DeliveryState::Sent,
        "delivered" => DeliveryState::Delivered,
        "read" | "played" => DeliveryState::Read,
        "failed" => DeliveryState::Failed,
        _ => return Err(Unreadable("a status is none that is documented".to_owned())),
    };
    Ok(Status {
        number: number.to_owned(),
        id: id.0,
        ours: biz_opaque_callback_data.filter(|text| text.len() <= 512),
        state,
        at: timestamp.0,
        to: party(recipient_id, recipient_user_id),
        error: errors.first().map(|error| error.code),
        category: pricing.and_then(|pricing| pricing.category),
    })
}

fn lead(lead: InLead) -> Lead {
    let InLead { leadgen_id, page_id, form_id, ad_id, adgroup_id, created_time } = lead;
    let text = |id: Option<Id>| id.map(|id| id.0).filter(|id| id != "0");
    Lead {
        id: leadgen_id.0,
        page: page_id.0,
        form: form_id.0,
        ad: text(ad_id),
        ad_group: text(adgroup_id),
        at: created_time.0,
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn whatsapp(value: &Value) -> Vec<u8> {
        let mut value = value.clone();
        value["messaging_product"] = "whatsapp".into();
        value["metadata"] = json!({"display_phone_number": "16505551111", "phone_number_id": "123456123"});
        let change = json!({"field": "messages", "value": value});
        json!({"object": "whatsapp_business_account", "entry": [{"id": "0", "changes": [change]}]})
            .to_string()
            .into_bytes()
    }

    fn message(kind: &str, said: &Value) -> Message {
        let one = json!({"from": "16315551181", "id": "ABGGFlA5Fpa", "timestamp": "1504902988", "type": kind, kind: said,
            "context": {"from": "16505551111", "id": "wamid.1"}, "something_new": {"a": [1]}});
        let contacts = json!([{"profile": {"name": "test user name"}, "wa_id": "16315551181"}]);
        let events = read(&whatsapp(&json!({"contacts": contacts, "messages": [one]}))).expect("it reads");
        let [Event::Message(message)] = &events[..] else { panic!("{events:?}") };
        (**message).clone()
    }

    #[test]
    fn the_sample_message_of_meta_s_dashboard_reads() {
        let text = message("text", &json!({"body": "this is a text message"}));
        assert_eq!(text.content, Content::Text("this is a text message".to_owned()));
        assert_eq!((text.from.number.as_deref(), text.name.as_deref()), (Some("16315551181"), Some("test user name")));
        assert_eq!((text.at.as_second(), text.number.as_str()), (1_504_902_988, "123456123"));
        assert_eq!((text.id.as_str(), text.answers.as_deref()), ("ABGGFlA5Fpa", Some("wamid.1")));
    }

    /// The examples that Meta documents of somebody whose number it does not show.
    #[test]
    fn who_goes_by_a_username_is_named_by_an_id() {
        let user = Party { number: None, user: Some("US.13491208655302741918".to_owned()) };
        let contacts = json!([{"profile": {"name": "Pablo M.", "username": "@pablomorales"}, "user_id": user.user}]);
        let one = json!({"from_user_id": user.user, "id": "wamid.1", "timestamp": "1750030073", "type": "text",
            "text": {"body": "Yes"}});
        let events = read(&whatsapp(&json!({"contacts": contacts, "messages": [one]}))).expect("it reads");
        let [Event::Message(message)] = &events[..] else { panic!("{events:?}") };
        assert_eq!((&message.from, message.name.as_deref()), (&user, Some("Pablo M.")));
        assert_eq!(message.username.as_deref(), Some("@pablomorales"));
        let one = json!({"id": "wamid.1", "status": "delivered", "timestamp": "1750030073", "recipient_user_id": user.user,
            "pricing": {"billable": true, "pricing_model": "PMP", "type": "regular", "category": "marketing"}});
        let events = read(&whatsapp(&json!({"contacts": contacts, "statuses": [one]}))).expect("it reads");
        assert!(matches!(&events[..], [Event::Status(status)] if status.to == user), "{events:?}");
        let system = json!({"id": "wamid.1", "timestamp": "1", "type": "system", "system": {"body": "b"}});
        let events = read(&whatsapp(&json!({"messages": [system]}))).expect("it reads");
        assert!(matches!(&events[..], [Event::Message(message)] if message.from == Party::default()), "{events:?}");
        let nobody = json!({"id": "wamid.1", "timestamp": "1", "type": "text", "text": {"body": "b"}});
        assert!(read(&whatsapp(&json!({"messages": [nobody]}))).is_err());
    }

    #[test]
    fn each_kind_of_message_reads_and_an_unknown_one_is_no_failure() {
        let choice = |name: &str| json!({"type": name, name: {"id": "yes", "title": "Yes", "description": "d"}});
        let chosen = Content::Choice { id: "yes".to_owned(), title: "Yes".to_owned() };
        assert_eq!(message("interactive", &choice("button_reply")).content, chosen);
        assert_eq!(message("interactive", &choice("list_reply")).content, chosen);
        assert_eq!(
            message("interactive", &json!({"type": "nfm_reply"})).content,
            Content::Other("interactive".to_owned())
        );
        let pressed = Content::Button { payload: "stop".to_owned(), text: "Stop".to_owned() };
        assert_eq!(message("button", &json!({"payload": "stop", "text": "Stop"})).content, pressed);
        let Content::Media { kind, id, caption, .. } =
            message("image", &json!({"id": 12, "mime_type": "image/jpeg", "sha256": "x", "caption": "c"})).content
        else {
            panic!("a picture")
        };
        assert_eq!((kind.as_str(), id.as_str(), caption.as_deref()), ("image", "12", Some("c")));
        assert_eq!(message("hologram", &json!([])).content, Content::Other("hologram".to_owned()));
    }

    #[test]
    fn statuses_and_failures_read() {
        let status = |status: &str, more: &Value| {
            let mut one = json!({"id": "wamid.1", "status": status, "timestamp": "1750857384", "recipient_id": "919876543210",
                "conversation": {"id": "c", "origin": {"type": "service"}}});
            one.as_object_mut().expect("an object").extend(more.as_object().cloned().expect("an object"));
            read(&whatsapp(&json!({"statuses": [one]})))
        };
        let more = json!({"errors": [{"code": 131_047, "title": "Re-engagement message", "error_data": {"details": "x"}}],
            "biz_opaque_callback_data": "msg_1", "pricing": {"billable": true, "category": "marketing"}});
        let events = status("failed", &more).expect("it reads");
        let [Event::Status(failed)] = &events[..] else { panic!("{events:?}") };
        assert_eq!((failed.state, failed.error), (DeliveryState::Failed, Some(131_047)));
        assert_eq!((failed.ours.as_deref(), failed.category.as_deref()), (Some("msg_1"), Some("marketing")));
        for (word, state) in
            [("sent", DeliveryState::Sent), ("delivered", DeliveryState::Delivered), ("read", DeliveryState::Read)]
        {
            let events = status(word, &json!({})).expect("it reads");
            assert!(matches!(&events[..], [Event::Status(told)] if told.state == state), "{word}");
        }
        assert!(status("vanished", &json!({})).is_err());
        // As Meta documents it.
        let error = json!({"errors": [{"code": 130_429, "title": "Rate limit hit", "message": "Rate limit hit",
            "error_data": {"details": "Message failed to send"}, "href": "/documentation/"}]});
        assert_eq!(read(&whatsapp(&error)), Ok(vec![Event::Failure(130_429)]));
    }

    #[test]
    fn a_lead_reads_with_ids_of_either_kind() {
        let value = json!({"leadgen_id": 444_444_444_444_u64, "page_id": "444444444444", "form_id": 444_444_444_444_u64,
            "adgroup_id": 0, "created_time": 1_795_168_800});
        let other = json!({"field": "feed", "value": {"item": "like"}});
        let changes = json!([{"field": "leadgen", "value": value}, other]);
        let body =
            json!({"object": "page", "entry": [{"id": 0, "time": 1_795_168_800, "changes": changes}, {"id": 1}]});
        let events = read(body.to_string().as_bytes()).expect("it reads");
        let [Event::Lead(lead), Event::Other(field)] = &events[..] else { panic!("{events:?}") };
        assert_eq!((lead.id.as_str(), lead.form.as_str(), &lead.ad_group), ("444444444444", "444444444444", &None));
        assert_eq!((lead.at.as_second(), field.as_str()), (1_795_168_800, "feed"));
    }

    /// The example that Meta documents, and what it adds where the format was not good.
    #[test]
    fn where_a_template_stands_reads_with_its_account_and_time() {
        let told = |event: &str, more: &Value| {
            let mut value = json!({"event": event, "message_template_id": 1_689_556_908_129_832_u64,
                "message_template_name": "order_confirmation", "message_template_language": "en-US", "reason": "NONE"});
            value.as_object_mut().expect("an object").extend(more.as_object().cloned().expect("an object"));
            let changes = json!([{"field": "message_template_status_update", "value": value}]);
            let entry = json!([{"id": "102290129340398", "time": 1_751_247_548, "changes": changes}]);
            read(json!({"object": "whatsapp_business_account", "entry": entry}).to_string().as_bytes())
        };
        let events = told("APPROVED", &json!({})).expect("it reads");
        let [Event::Template(status)] = &events[..] else { panic!("{events:?}") };
        assert_eq!((status.account.as_str(), status.standing.clone()), ("102290129340398", TemplateStanding::Approved));
        assert_eq!((status.name.as_str(), status.language.as_str()), ("order_confirmation", "en-US"));
        assert_eq!(status.at.map(Timestamp::as_second), Some(1_751_247_548));
        let info = json!({"reason": "Variables can't be at the start.", "recommendation": "Move them."});
        let more = json!({"reason": "INVALID_FORMAT", "rejection_info": info});
        let events = told("REJECTED", &more).expect("it reads");
        let [Event::Template(status)] = &events[..] else { panic!("{events:?}") };
        let why = "INVALID_FORMAT: Variables can't be at the start.".to_owned();
        assert_eq!(status.standing, TemplateStanding::Rejected(why));
        assert_eq!(told("FLAGGED", &json!({})), Ok(vec![Event::Other("FLAGGED".to_owned())]));
        let deleted = told("PENDING_DELETION", &json!({"reason": null})).expect("it reads");
        assert!(matches!(&deleted[..], [Event::Template(_)]), "{deleted:?}");
        for wrong in [json!({"message_template_name": ""}), json!({"message_template_language": 1})] {
            assert!(told("APPROVED", &wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn too_much_and_what_is_not_documented_is_refused() {
        let many: Vec<Value> = (0..=MAX_EVENTS).map(|_| json!({"field": "feed"})).collect();
        let body = json!({"entry": [{"changes": many}]}).to_string();
        assert!(read(body.as_bytes()).is_err());
        let long = "9".repeat(300);
        for wrong in [
            json!({}),
            json!({"entry": 1}),
            json!({"entry": [{"changes": [{"field": "leadgen", "value": {}}]}]}),
            json!({"entry": [{"changes": [{"field": "leadgen", "value": {"leadgen_id": long, "page_id": 1, "form_id": 1,
                "created_time": 1}}]}]}),
        ] {
            let why = read(wrong.to_string().as_bytes()).expect_err("it does not read").to_string();
            assert!(!why.contains("999"), "{why}");
        }
        let lacking = json!({"messages": [{"from": "1", "id": "a", "timestamp": "1", "type": "text"}]});
        assert!(read(&whatsapp(&lacking)).is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_break_it(body in prop::collection::vec(any::<u8>(), 0..300), time in any::<i64>(), kind in "[a-z]{0,12}") {
            let _ = read(&body);
            let one = json!({"from": "1", "id": "a", "timestamp": time, "type": kind, kind.clone(): {"id": "1", "body": "b"}});
            let _ = read(&whatsapp(&json!({"messages": [one]})));
        }
    }
}
