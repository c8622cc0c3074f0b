//! What the report of service levels says.

use domain::automation::{Conditions, Writing};
use domain::sla::{Of, SlaPolicyDetails, Starting};
use domain::{Lead, Permissions, PersonalFields, Role, Rows, SlaClock, SlaPolicy, SlaPolicyId};
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use serde_json::json;
use testkit::Ask;

use crate::support::{Office, from};

/// An hour for the first response.
async fn a_policy(office: &Office, name: &str) -> SlaPolicy {
    let (platform, zone) = (&office.world.platform, TimeZone::UTC);
    let targets = json!([{"target": "first_response", "within": 3600, "hours": "around_the_clock"}]);
    let details = SlaPolicyDetails {
        name: name.parse().expect("a name"),
        description: None,
        enabled: true,
        conditions: Conditions::default(),
        targets: SlaPolicy::read_targets(targets.as_array().expect("a list"), &zone).expect("targets"),
    };
    let writing = Writing {
        author: office.a_user(),
        permissions: Permissions::all(),
        rows: Rows::All,
        clear: PersonalFields::ALL,
        zone: &zone,
        now: platform.now(),
    };
    let id = SlaPolicyId::at(platform.now(), platform.random());
    let change = SlaPolicy::create(id, office.tenant.organization, details, &writing).expect("a policy");
    office.table().commit(&office.grant(), change).await.expect("a policy")
}

/// Its clock of a lead, from now on.
async fn started(office: &Office, policy: &SlaPolicy, lead: &Lead) -> SlaClock {
    let (platform, target) = (&office.world.platform, &policy.targets[0]);
    let calendar = platform.calendar(&office.grant()).await.expect("a calendar");
    let starting = Starting {
        id: platform.sla_clock_id(policy.id, target.kind, lead.id),
        organization: office.tenant.organization,
        at: platform.now(),
        calendar: &calendar,
        now: platform.now(),
    };
    let change = SlaClock::start(Of { policy, target, lead }, starting);
    office.table().commit(&office.grant(), change).await.expect("a clock")
}

async fn met(office: &Office, clock: SlaClock) {
    let now = office.world.platform.now();
    office.table().commit(&office.grant(), clock.met(now, now)).await.expect("it is met");
}

async fn breached(office: &Office, clock: SlaClock) -> SlaClock {
    let passed = clock.pass(office.world.platform.now()).expect("its time is over");
    office.table().commit(&office.grant(), passed.change).await.expect("it is breached")
}

#[tokio::test]
async fn it_tells_what_was_in_time_what_was_not_and_what_came_late() {
    let office = Office::new().await;
    let (here, there) = (office.tenant.branch, office.tenant.other_branch);
    let agent = office.world.a_person(&office.tenant, Role::Agent, here).await;
    let (fast, slow) = (a_policy(&office, "Fast").await, a_policy(&office, "Slow").await);
    let theirs = office.arrives(here, Some(agent.user), from("Website")).await;
    let other = office.arrives(there, None, from("Website")).await;
    // The range before has one breach.
    let clock = started(&office, &slow, &other).await;
    office.world.clock.advance(SignedDuration::from_hours(1));
    breached(&office, clock).await;
    office.days_later(7);
    let in_time = started(&office, &fast, &theirs).await;
    let late = started(&office, &fast, &other).await;
    let never = started(&office, &slow, &theirs).await;
    met(&office, in_time).await;
    office.world.clock.advance(SignedDuration::from_hours(1));
    let late = breached(&office, late).await;
    breached(&office, never).await;
    office.world.clock.advance(SignedDuration::from_hours(1));
    met(&office, late).await;
    let admin = office.world.a_person(&office.tenant, Role::Admin, here).await;

    let report = office.report(&admin, "sla?range=week").await;
    let figures =
        |of: &serde_json::Value| ["total", "met", "breached", "late"].map(|name| of[name].as_u64().expect("a figure"));
    assert_eq!((figures(&report), &report["compliance_rate"]), ([3, 1, 2, 1], &json!(33.3)));
    let policies = report["by_policy"].as_array().expect("a list");
    let told: Vec<_> =
        policies.iter().map(|one| (one["policy_name"].as_str().expect("a name"), figures(one))).collect();
    assert_eq!(told.len(), 2);
    assert!(told.contains(&("Fast", [2, 1, 1, 1])) && told.contains(&("Slow", [1, 0, 1, 0])), "{told:?}");
    assert!(policies.iter().all(|one| one["target"] == "first_response"));
    let days: u64 = report["daily"].as_array().expect("days").iter().map(|day| figures(day)[0]).sum();
    assert_eq!((days, report["daily"].as_array().map(Vec::len)), (3, Some(7)));
    assert_eq!(
        (&report["trends"]["total_change"], &report["trends"]["breached_change"]),
        (&json!(200.0), &json!(100.0))
    );

    let one = office.report(&admin, &format!("sla?range=week&policy_id={}", slow.id)).await;
    assert_eq!(figures(&one), [1, 0, 1, 0]);
    let branch = office.report(&admin, &format!("sla?range=week&branch_id={there}")).await;
    assert_eq!(figures(&branch), [1, 0, 1, 1]);
    let mine = office.report(&admin, &format!("sla?range=week&agent_id={}", agent.user)).await;
    assert_eq!((figures(&mine), &mine["agent_id"]), ([2, 1, 1, 0], &json!(agent.user)));
    let wrong = Ask::get("/v1/analytics/sla?policy_id=mine&range=ages").by(&admin).of(&office.router).await;
    let fields: Vec<String> = wrong.expect(422).wrong().into_iter().map(|(field, _)| field).collect();
    assert_eq!(fields, ["policy_id", "range"]);

    // The policies are believed for half a minute.
    let gone = slow.delete(office.world.platform.now());
    office.table().commit(&office.grant(), gone).await.expect("it goes");
    office.world.clock.advance(runtime::BELIEVED);
    let report = office.report(&admin, "sla?range=week").await;
    let nameless = report["by_policy"].as_array().expect("a list").iter().filter(|one| one["policy_name"].is_null());
    assert_eq!(nameless.count(), 1);
}

#[tokio::test]
async fn figures_go_along_with_a_lead_to_whoever_gets_it() {
    let office = Office::new().await;
    let (here, there) = (office.tenant.branch, office.tenant.other_branch);
    let admin = office.world.a_person(&office.tenant, Role::Admin, here).await;
    let policy = a_policy(&office, "Fast").await;
    let lead = office.arrives(here, Some(office.a_user()), from("Website")).await;
    let clock = started(&office, &policy, &lead).await;
    office.world.clock.advance(SignedDuration::from_hours(1));
    let clock = breached(&office, clock).await;
    let moved = Lead { branch_id: there, assigned_to: None, ..lead };
    let change = clock.follow(&moved, office.world.platform.now()).expect("it moves");
    office.table().commit(&office.grant(), change).await.expect("it moves");
    let admin = office.renewed(&admin);
    let mut breaches = Vec::new();
    for branch in [here, there] {
        let report = office.report(&admin, &format!("sla?range=week&branch_id={branch}")).await;
        breaches.push(report["breached"].clone());
    }
    breaches.push(office.report(&admin, "sla?range=week").await["breached"].clone());
    assert_eq!(breaches, [json!(0), json!(1), json!(1)]);
}
