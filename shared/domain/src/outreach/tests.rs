use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::*;
use crate::{ConsentId, OrganizationId, ReachabilityId, SuppressionId};

const ZONES: [&str; 7] = [
    "Asia/Kolkata",
    "America/New_York",
    "Europe/London",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Africa/Casablanca",
    "America/St_Johns",
];

fn facts(zone: &str) -> Facts {
    let settings = CommunicationSettings::new(OrganizationId::PLATFORM, Timestamp::UNIX_EPOCH);
    let zone = TimeZone::get(zone).expect("a zone");
    let (consent, suppression, dlt) = (None, None, None);
    Facts {
        settings,
        consent,
        suppression,
        dnd: false,
        indian: false,
        zone,
        sent_today: 0,
        dlt,
        is_free: false,
        window_until: None,
    }
}

fn of<T: Copy + std::fmt::Debug + 'static>(all: &'static [T]) -> impl Strategy<Value = T> {
    proptest::sample::select(all)
}

/// A time of day, in quarters of an hour and in minutes.
fn a_time() -> impl Strategy<Value = Time> {
    let quarter = (0_i8..24, 0_i8..4).prop_map(|(hour, quarter)| (hour, quarter * 15));
    prop_oneof![quarter, (0_i8..24, 0_i8..60)].prop_map(|(hour, minute)| Time::new(hour, minute, 0, 0).expect("a time"))
}

fn an_instant() -> impl Strategy<Value = Timestamp> {
    // 2000 to 2040, with every change of clocks in between.
    (946_684_800_i64..2_208_988_800).prop_map(|second| Timestamp::from_second(second).expect("a time"))
}

prop_compose! {
    fn any_facts()(
        zone in of(&ZONES),
        quiet in proptest::option::of((a_time(), a_time())),
        consent in proptest::option::of(of(ConsentState::ALL)),
        suppression in proptest::option::of(of(SuppressionReason::ALL)),
        (dnd, indian, require_consent, required) in any::<(bool, bool, bool, bool)>(),
        sent_today in 0_u32..12,
        dlt in proptest::option::of(of(DltCategory::ALL)),
    ) -> Facts {
        let mut facts = Facts { consent, suppression, dnd, indian, sent_today, ..facts(zone) };
        facts.settings.quiet_hours = quiet.filter(|(from, to)| from != to).map(|(from, to)| QuietHours { from, to });
        facts.settings.require_consent = require_consent;
        facts.settings.dlt.required = required;
        facts.dlt = dlt.map(|category| Dlt { entity_id: None, template_id: "1".repeat(19), header: None, category });
        facts
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn nothing_goes_to_whoever_objected(
        facts in any_facts(), channel in of(ContactChannel::ALL), purpose in of(ContactPurpose::ALL), now in an_instant(),
    ) {
        let verdict = may_send(channel, purpose, &facts, now);
        let marketing = purpose == ContactPurpose::Marketing;
        let objected = facts.suppression.is_some_and(|reason| {
            marketing || !matches!(reason, SuppressionReason::Unsubscribe | SuppressionReason::Dnd)
        }) || facts.consent == Some(ConsentState::Withdrawn)
            || (marketing && facts.dnd && matches!(channel, ContactChannel::Sms | ContactChannel::Phone));
        prop_assert!(!objected || matches!(verdict, Verdict::Refuse(_)), "{verdict:?}");
        if verdict == Verdict::Send && marketing {
            let time = now.to_zoned(facts.zone.clone()).time();
            prop_assert!(!facts.settings.quiet_hours.is_some_and(|quiet| quiet.hold(time)));
            prop_assert!(facts.settings.caps.of(channel).is_none_or(|cap| facts.sent_today < cap));
            prop_assert!(!facts.settings.require_consent || facts.consent == Some(ConsentState::Granted));
        }
        if !marketing {
            prop_assert!(!matches!(verdict, Verdict::Defer(_)), "what is no marketing does not wait");
        }
    }

    #[test]
    fn a_deferral_lands_outside_quiet_hours_within_two_days(facts in any_facts(), now in an_instant()) {
        let facts = Facts { consent: Some(ConsentState::Granted), suppression: None, dnd: false, ..facts };
        let quiet = facts.settings.quiet_hours;
        match may_send(ContactChannel::Email, ContactPurpose::Marketing, &facts, now) {
            Verdict::Defer(until) => {
                let time = until.to_zoned(facts.zone.clone()).time();
                prop_assert!(until > now && !quiet.is_some_and(|quiet| quiet.hold(time)), "{now} {until} {time}");
                prop_assert!(until <= now + SignedDuration::from_hours(50), "{now} {until}");
            }
            _ => prop_assert!(!quiet.is_some_and(|quiet| quiet.hold(now.to_zoned(facts.zone.clone()).time()))),
        }
    }

    #[test]
    fn the_last_word_counts_in_whatever_order_words_arrive(
        words in proptest::collection::vec((0_i64..5, of(ConsentState::ALL), any::<[u8; 10]>()), 1..8).prop_shuffle(),
    ) {
        let now = Timestamp::from_second(100).expect("a time");
        let contact = ReachabilityId::at(now, [1; 10]);
        let consents: Vec<Consent> = words.iter().map(|(second, state, bits)| {
            let details = ConsentDetails {
                channel: ContactChannel::Email, purpose: ContactPurpose::Marketing, state: *state,
                source: "form".parse().expect("a label"), proof: None, at: Timestamp::from_second(*second).ok(),
            };
            let recording = Recording {
                id: ConsentId::at(now, *bits), organization: OrganizationId::PLATFORM, contact, address: None, lead: None,
                by: None, now,
            };
            Consent::record(details, recording).expect("a consent").after
        }).collect();
        let heard = consents.iter().fold(Reachability::new(contact, OrganizationId::PLATFORM, now), |known, consent| {
            known.heard(consent, now).after
        });
        let last = consents.iter().max_by_key(|consent| (consent.at, consent.id)).expect("a word");
        let standing = heard.consent(ContactChannel::Email, ContactPurpose::Marketing).expect("a standing");
        prop_assert_eq!((standing.state, standing.consent), (last.state, last.id));
    }
}

#[test]
fn the_morning_comes_in_the_zone_of_the_contact() {
    let at = |text: &str| text.parse::<Timestamp>().expect("a time");
    let verdict = |zone, now| may_send(ContactChannel::Sms, ContactPurpose::Marketing, &facts(zone), at(now));
    // Half past ten in the evening in Pune is noon in New York.
    assert_eq!(verdict("Asia/Kolkata", "2026-11-20T17:00:00Z"), Verdict::Defer(at("2026-11-21T03:30:00Z")));
    assert_eq!(verdict("America/New_York", "2026-11-20T17:00:00Z"), Verdict::Send);
    // The night in which New York's clocks go back has an hour more.
    assert_eq!(verdict("America/New_York", "2026-11-01T05:30:00Z"), Verdict::Defer(at("2026-11-01T14:00:00Z")));
}

#[test]
fn an_indian_sms_needs_its_registration_where_the_organization_asks_for_it() {
    let now = "2026-11-20T06:30:00Z".parse().expect("a time");
    let mut facts = Facts { indian: true, ..facts("Asia/Kolkata") };
    let sms = |facts: &Facts, purpose| may_send(ContactChannel::Sms, purpose, facts, now);
    assert_eq!(sms(&facts, ContactPurpose::Service), Verdict::Send);
    facts.settings.dlt.required = true;
    facts.settings.dlt.entity_id = Some("1".repeat(19));
    assert_eq!(sms(&facts, ContactPurpose::Service), Verdict::Refuse(Refusal::DltIncomplete));
    let header = Some("EXAMPL".to_owned());
    facts.dlt =
        Some(Dlt { entity_id: None, template_id: "2".repeat(19), header, category: DltCategory::ServiceImplicit });
    assert_eq!(sms(&facts, ContactPurpose::Service), Verdict::Send);
    facts.settings.dlt.entity_id = None;
    assert_eq!(sms(&facts, ContactPurpose::Service), Verdict::Refuse(Refusal::DltIncomplete));
    facts.dlt = facts.dlt.map(|dlt| Dlt { entity_id: Some("3".repeat(19)), ..dlt });
    assert_eq!(sms(&facts, ContactPurpose::Service), Verdict::Send, "the text is another entity's");
    assert_eq!(sms(&facts, ContactPurpose::Marketing), Verdict::Refuse(Refusal::DltCategory));
    assert_eq!(sms(&Facts { indian: false, ..facts }, ContactPurpose::Marketing), Verdict::Send);
}

#[test]
fn a_complaint_is_not_weakened_by_an_unsubscription() {
    let now = Timestamp::UNIX_EPOCH;
    let (id, contact) = (SuppressionId::at(now, [0; 10]), ReachabilityId::at(now, [0; 10]));
    let details = |reason| {
        let (channel, address) = (ContactChannel::Email, None);
        SuppressionDetails { address, channel, reason, note: None, expires_at: None, by: None }
    };
    let suppress = |before, reason| {
        Suppression::suppress(before, id, OrganizationId::PLATFORM, contact, details(reason), now).after
    };
    let complained = suppress(None, SuppressionReason::Complaint);
    assert_eq!(suppress(Some(complained.clone()), SuppressionReason::Unsubscribe).reason, SuppressionReason::Complaint);
    let lifted = complained.lift(now).after;
    assert!(!lifted.is_active(now));
    let again = suppress(Some(lifted), SuppressionReason::Unsubscribe);
    assert_eq!((again.reason, again.is_active(now)), (SuppressionReason::Unsubscribe, true));
}

#[test]
fn settings_of_before_openings_were_counted_let_them_be_counted() {
    let settings = CommunicationSettings::new(OrganizationId::PLATFORM, Timestamp::UNIX_EPOCH);
    let mut kept = serde_json::to_value(settings.clone()).expect("JSON");
    assert_eq!(kept.as_object_mut().and_then(|kept| kept.remove("tracking")), Some(true.into()));
    assert_eq!(serde_json::from_value::<CommunicationSettings>(kept).ok(), Some(settings));
}
