const { proxyActivities } = require('@temporalio/workflow');

const { greet } = proxyActivities({ startToCloseTimeout: '1 minute' });

exports.greeting = async (name) => await greet(name);
