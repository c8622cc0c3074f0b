//! Who may ask what.

use domain::{Role, RowReach};
use serde_json::json;
use testkit::Ask;

use crate::support::{Office, from};

const REPORTS: [&str; 6] = ["dashboard", "overview", "calls", "leads/funnel", "leads/sources", "leads/pipeline"];

#[tokio::test]
async fn a_manager_of_a_branch_sees_its_figures_alone() {
    let office = Office::new().await;
    let (own, other) = (office.tenant.branch, office.tenant.other_branch);
    office.arrive(2, own, "Website").await;
    let theirs = office.arrive(3, other, "Fair").await;
    office.moves(theirs[0].clone(), "converted").await;
    let manager = office.world.a_person(&office.tenant, Role::Manager, own).await;
    let admin = office.world.a_person(&office.tenant, Role::Admin, own).await;

    for branch in [String::new(), format!("&branch_id={own}"), "&branch_id=all".into()] {
        let dashboard = office.report(&manager, &format!("dashboard?range=30d{branch}")).await;
        assert_eq!(
            (&dashboard["overview"]["totalLeads"], &dashboard["overview"]["totalStudents"]),
            (&json!(2), &json!(0))
        );
        assert_eq!(dashboard["leadSources"].as_array().expect("sources").len(), 1);
        let sources = office.report(&manager, &format!("leads/sources?range=30d{branch}")).await;
        assert_eq!(sources["total"], 2);
        let funnel = office.report(&manager, &format!("leads/funnel?range=30d{branch}")).await;
        assert_eq!(funnel["stages"][3]["entered"], 0);
        let standing = office.report(&manager, &format!("leads/pipeline?x=1{branch}")).await;
        assert_eq!(standing["total"], 2);
    }
    let theirs = office.report(&admin, &format!("leads/sources?branch_id={other}")).await;
    assert_eq!(theirs["sources"], json!([{"source": "Fair", "count": 3, "percentage": 100.0}]));
    assert_eq!(office.report(&admin, "leads/sources").await["total"], 5);
}

#[tokio::test]
async fn a_branch_out_of_reach_is_as_one_that_is_not_there() {
    let office = Office::new().await;
    let stranger = office.world.a_tenant("Other Ltd").await;
    let manager = office.world.a_person(&office.tenant, Role::Manager, office.tenant.branch).await;
    let admin = office.world.a_person(&office.tenant, Role::Admin, office.tenant.branch).await;
    let nowhere = domain::BranchId::at(office.world.platform.now(), [3; 10]);
    for report in REPORTS {
        let ask = async |who, branch| {
            let answer = Ask::get(format!("/analytics/{report}?branch_id={branch}")).by(who).of(&office.router).await;
            let mut body = answer.expect(404).json();
            body["request_id"].take();
            body
        };
        let unknown = ask(&admin, nowhere).await;
        assert_eq!(ask(&admin, stranger.branch).await, unknown);
        assert_eq!(ask(&manager, office.tenant.other_branch).await, unknown);
        assert_eq!(ask(&manager, stranger.branch).await, unknown);
    }
}

#[tokio::test]
async fn reports_need_their_permission_and_a_sign_in() {
    let office = Office::new().await;
    for report in REPORTS {
        Ask::get(format!("/analytics/{report}")).of(&office.router).await.expect(401);
        for role in Role::ALL {
            let person = office.world.a_person(&office.tenant, role, office.tenant.branch).await;
            let glance = ["dashboard", "overview"].contains(&report);
            let permission = if glance { "dashboard:read" } else { "analytics:read" };
            let may = role.permissions().has(permission.parse().expect("a permission"));
            let answer = Ask::get(format!("/analytics/{report}")).by(&person).of(&office.router).await;
            answer.expect(if may { 200 } else { 403 });
        }
    }
}

#[tokio::test]
async fn somebody_who_reaches_only_their_own_sees_their_own_figures() {
    let office = Office::new().await;
    let branch = office.tenant.branch;
    office.arrive(2, branch, "Website").await;
    let agent = office.world.a_person(&office.tenant, Role::Agent, branch).await;
    let lead = office.arrives(branch, Some(agent.user), from("Fair")).await;
    office.moves(lead, "converted").await;
    office.calls(&agent, json!({"phone": "9876543210", "duration_seconds": 70, "outcome": "converted"})).await;
    let dashboard = office.report(&agent, "dashboard").await;
    let overview =
        json!({"totalLeads": 1, "totalStudents": 1, "conversionRate": 100.0, "revenue": 0, "activeUsers": 0});
    assert_eq!(dashboard["overview"], overview);
    assert_eq!(dashboard["leadSources"], json!([{"source": "Fair", "count": 1, "percentage": 100.0}]));
    assert_eq!(dashboard["communicationStats"]["phone"], 1);
    let overview = office.report(&agent, "overview").await;
    assert_eq!((&overview["leads"]["total"], &overview["calls"]["talk_seconds"]), (&json!(1), &json!(70)));

    // The same for whoever may read reports and reaches only people: themselves, or their team.
    for (reach, expected) in [(RowReach::Own, 0), (RowReach::Team, 1)] {
        let person = office.world.a_person_reaching(&office.tenant, Role::Manager, branch, Some(reach)).await;
        if reach == RowReach::Team {
            office.put_under(&agent, &person).await;
        }
        assert_eq!(office.report(&person, "leads/pipeline").await["total"], expected);
        assert_eq!(office.report(&person, "leads/sources").await["total"], expected);
        assert_eq!(office.report(&person, "calls").await["total"], expected);
        let funnel = office.report(&person, "leads/funnel").await;
        assert_eq!(funnel["stages"][3]["entered"], expected);
        assert_eq!(funnel["comparison"], json!(null));
        let mine = office.report(&person, &format!("leads/funnel?agent_id={}", person.user)).await;
        assert_eq!(mine["comparison"].is_null(), reach == RowReach::Own);
    }
}

#[tokio::test]
async fn a_person_out_of_reach_is_as_one_who_is_not_there() {
    let office = Office::new().await;
    let (tenant, world) = (&office.tenant, &office.world);
    let (_, stranger) = world.an_admin().await;
    let elsewhere = world.a_person(tenant, Role::Agent, tenant.other_branch).await;
    let manager = world.a_person(tenant, Role::Manager, tenant.branch).await;
    let agent = world.a_person(tenant, Role::Agent, tenant.branch).await;
    let nobody = office.a_user();
    for report in REPORTS {
        for person in [nobody, stranger.user, elsewhere.user] {
            Ask::get(format!("/analytics/{report}?agent_id={person}"))
                .by(&manager)
                .of(&office.router)
                .await
                .expect(404);
        }
        Ask::get(format!("/analytics/{report}?agentId={}", agent.user))
            .by(&manager)
            .of(&office.router)
            .await
            .expect(200);
    }
    Ask::get(format!("/analytics/overview?agent_id={}", manager.user)).by(&agent).of(&office.router).await.expect(404);
    // Who works in one branch is not there in the other.
    let admin = world.a_person(tenant, Role::Admin, tenant.branch).await;
    let path = format!("/analytics/calls?agent_id={}&branch_id={}", elsewhere.user, tenant.branch);
    Ask::get(path).by(&admin).of(&office.router).await.expect(404);
}

#[tokio::test]
async fn another_organization_sees_nothing() {
    let office = Office::new().await;
    office.arrive(2, office.tenant.branch, "Website").await;
    let (_, stranger) = office.world.an_admin().await;
    assert_eq!(office.report(&stranger, "leads/sources").await["total"], 0);
    assert_eq!(office.report(&stranger, "leads/pipeline").await["total"], 0);
}

#[tokio::test]
async fn every_wrong_parameter_is_named() {
    let office = Office::new().await;
    let (_, admin) = office.world.an_admin().await;
    for report in REPORTS.into_iter().filter(|report| *report != "leads/pipeline") {
        let query = "date_range=custom&start_date=yesterday&branch_id=main&agent_id=me";
        let answer = Ask::get(format!("/analytics/{report}?{query}")).by(&admin).of(&office.router).await;
        let mut fields: Vec<_> = answer.expect(422).wrong().into_iter().map(|(field, _)| field).collect();
        fields.sort();
        assert_eq!(fields, ["agent_id", "branch_id", "end_date", "start_date"]);
    }
    let answer = Ask::get("/analytics/leads/pipeline?branch_id=main").by(&admin).of(&office.router).await;
    assert_eq!(answer.expect(422).wrong(), [("branch_id".to_owned(), "invalid_id".to_owned())]);
}

#[tokio::test]
async fn the_ends_of_the_calendar_are_days_like_others() {
    let office = Office::new().await;
    let (_, admin) = office.world.an_admin().await;
    for (from, to) in [("0000-01-01", "0000-01-31"), ("9999-12-01", "9999-12-31"), ("0001-01-01", "0002-01-01")] {
        let query = format!("start_date={from}&end_date={to}");
        assert_eq!(office.report(&admin, &format!("dashboard?{query}")).await["overview"]["totalLeads"], 0);
    }
}

#[tokio::test]
async fn a_report_costs_the_calls_it_states() {
    let office = Office::new().await;
    office.arrive(3, office.tenant.branch, "Website").await;
    let admin = office.world.a_person(&office.tenant, Role::Admin, office.tenant.branch).await;
    let agent = office.world.a_person(&office.tenant, Role::Agent, office.tenant.branch).await;
    for other in 0..6 {
        let of = office.world.a_person(&office.tenant, Role::Agent, office.tenant.branch).await;
        for seconds in 0..=other {
            let call = json!({"phone": "9876543210", "agentId": of.user, "duration_seconds": 40 * seconds});
            office.calls(&admin, call).await;
        }
    }
    // The first reports also read the session, the pipeline and the organization.
    office.report(&admin, "dashboard").await;
    office.report(&admin, "calls").await;
    let (person, agent) = (format!("?agent_id={}", agent.user), agent.user);
    for (report, calls) in [
        ("dashboard", 7),
        ("overview", 8),
        ("calls", 1),
        ("leads/funnel", 2),
        ("leads/sources", 1),
        ("leads/pipeline", 1),
        // One more read for who it is.
        (&format!("overview{person}"), 6),
        (&format!("calls{person}"), 2),
        (&format!("leads/funnel{person}"), 5),
        (&format!("agents/{agent}/performance"), 8),
        ("events", 1),
    ] {
        let meter = office.world.standins.dynamo.meter();
        meter.reset();
        Ask::get(format!("/analytics/{report}")).by(&admin).of(&office.router).await.expect(200);
        assert_eq!(meter.totals().calls, calls, "{report}");
    }
}

#[tokio::test]
async fn every_wrong_word_of_calls_is_named() {
    let office = Office::new().await;
    let admin = office.world.a_person(&office.tenant, Role::Admin, office.tenant.branch).await;
    let answer =
        Ask::get("/analytics/calls?status=gone&outcome=interested,maybe&range=x").by(&admin).of(&office.router).await;
    let fields: Vec<_> = answer.expect(422).wrong().into_iter().map(|(field, _)| field).collect();
    assert_eq!(fields, ["status", "outcome", "range"]);
}
