//! Who may ask what.

use domain::{Role, RowReach};
use serde_json::json;
use testkit::Ask;

use crate::support::Office;

const REPORTS: [&str; 4] = ["dashboard", "leads/funnel", "leads/sources", "leads/pipeline"];

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
            let permission = if report == "dashboard" { "dashboard:read" } else { "analytics:read" };
            let may = role.permissions().has(permission.parse().expect("a permission"));
            let answer = Ask::get(format!("/analytics/{report}")).by(&person).of(&office.router).await;
            answer.expect(if may { 200 } else { 403 });
        }
    }
}

#[tokio::test]
async fn somebody_who_reaches_only_their_own_leads_sees_zeros() {
    let office = Office::new().await;
    office.arrive(2, office.tenant.branch, "Website").await;
    let agent = office.world.a_person(&office.tenant, Role::Agent, office.tenant.branch).await;
    assert_eq!(office.report(&agent, "dashboard").await["overview"]["totalLeads"], 0);
    let reaching = Some(RowReach::Own);
    let manager = office.world.a_person_reaching(&office.tenant, Role::Manager, office.tenant.branch, reaching).await;
    assert_eq!(office.report(&manager, "leads/pipeline").await["total"], 0);
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
        let query = "date_range=custom&start_date=yesterday&branch_id=main";
        let answer = Ask::get(format!("/analytics/{report}?{query}")).by(&admin).of(&office.router).await;
        let mut fields: Vec<_> = answer.expect(422).wrong().into_iter().map(|(field, _)| field).collect();
        fields.sort();
        assert_eq!(fields, ["branch_id", "end_date", "start_date"]);
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
    // The first report also reads the session and the pipeline.
    office.report(&admin, "dashboard").await;
    for (report, queries) in [("dashboard", 5), ("leads/funnel", 2), ("leads/sources", 1), ("leads/pipeline", 1)] {
        let meter = office.world.standins.dynamo.meter();
        meter.reset();
        Ask::get(format!("/analytics/{report}")).by(&admin).of(&office.router).await.expect(200);
        let calls: u64 = meter.totals().calls;
        assert_eq!(calls, queries, "{report}");
    }
}
