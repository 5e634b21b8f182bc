"""What is around a workspace: private access, alerts, budgets, clusters, dashboards; inputs as
pulumi-azure-native sends them."""

from __future__ import annotations

from typing import Any

from .where import ACTIONS, DEPLOYMENT, ENDPOINT, GROUP, HERE, LOGS, RG, SUBNET, WORKSPACE, WS, ZONE

AROUND: dict[str, dict[str, Any]] = {
    "network:PrivateEndpoint": {
        **RG,
        **HERE,
        "privateEndpointName": "pe",
        "subnet": {"id": SUBNET},
        "privateLinkServiceConnections": [
            {"name": "ml", "privateLinkServiceId": WORKSPACE, "groupIds": ["amlworkspace"]}
        ],
    },
    "network:PrivateDnsZoneGroup": {
        **RG,
        "privateEndpointName": "pe",
        "privateDnsZoneGroupName": "default",
        "privateDnsZoneConfigs": [
            {
                "name": "ml",
                "privateDnsZoneId": ZONE,
            }
        ],
    },
    "machinelearningservices:PrivateEndpointConnection": {
        **WS,
        "privateEndpointConnectionName": "own",
        "privateLinkServiceConnectionState": {"status": "Approved", "description": "yes"},
    },
    "monitor:AutoscaleSetting": {
        **RG,
        **HERE,
        "autoscaleSettingName": "scale",
        "enabled": True,
        "targetResourceUri": DEPLOYMENT,
        "profiles": [
            {
                "name": "default",
                "capacity": {"minimum": "1", "maximum": "5", "default": "1"},
                "rules": [
                    {
                        "metricTrigger": {
                            "metricName": "CpuUtilizationPercentage",
                            "metricResourceUri": DEPLOYMENT,
                            "timeGrain": "PT1M",
                            "statistic": "Average",
                            "timeWindow": "PT5M",
                            "timeAggregation": "Average",
                            "operator": "GreaterThan",
                            "threshold": 70.0,
                        },
                        "scaleAction": {
                            "direction": "Increase",
                            "type": "ChangeCount",
                            "value": "1",
                            "cooldown": "PT5M",
                        },
                    }
                ],
            }
        ],
    },
    "monitor:ActionGroup": {
        **RG,
        "location": "global",
        "actionGroupName": "oncall",
        "groupShortName": "oncall",
        "enabled": True,
        "emailReceivers": [{"name": "ml", "emailAddress": "ml@example.com", "useCommonAlertSchema": True}],
    },
    "monitor:MetricAlert": {
        **RG,
        "location": "global",
        "ruleName": "slow",
        "enabled": True,
        "severity": 2.0,
        "scopes": [ENDPOINT],
        "evaluationFrequency": "PT5M",
        "windowSize": "PT15M",
        "actions": [{"actionGroupId": ACTIONS}],
        "criteria": {
            "odataType": "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria",
            "allOf": [
                {
                    "criterionType": "StaticThresholdCriterion",
                    "name": "p95",
                    "operator": "GreaterThan",
                    "metricName": "RequestLatency_P95",
                    "timeAggregation": "Average",
                    "threshold": 200.0,
                }
            ],
        },
    },
    "monitor:ScheduledQueryRule": {
        **RG,
        **HERE,
        "ruleName": "errors",
        "enabled": True,
        "severity": 2.0,
        "scopes": [LOGS],
        "evaluationFrequency": "PT5M",
        "windowSize": "PT15M",
        "actions": {"actionGroups": [ACTIONS]},
        "criteria": {
            "allOf": [
                {
                    "query": "AppExceptions",
                    "timeAggregation": "Count",
                    "operator": "GreaterThan",
                    "threshold": 0.0,
                }
            ]
        },
    },
    "monitor:DiagnosticSetting": {
        "resourceUri": WORKSPACE,
        "name": "to-logs",
        "workspaceId": LOGS,
        "logs": [{"categoryGroup": "allLogs", "enabled": True}],
    },
    "consumption:Budget": {
        "scope": GROUP.strip("/"),
        "budgetName": "month",
        "amount": 500.0,
        "category": "Cost",
        "timeGrain": "Monthly",
        "timePeriod": {"startDate": "2026-11-01T00:00:00Z"},
        "notifications": {
            "at80": {
                "enabled": True,
                "operator": "GreaterThan",
                "threshold": 80.0,
                "contactEmails": ["ml@example.com"],
            }
        },
    },
    "containerservice:ManagedCluster": {
        **RG,
        **HERE,
        "resourceName": "aks",
        "dnsPrefix": "aks",
        "identity": {"type": "SystemAssigned"},
        "agentPoolProfiles": [
            {"name": "system", "mode": "System", "count": 1.0, "vmSize": "Standard_D4s_v3"}
        ],
    },
    "containerservice:AgentPool": {
        **RG,
        "resourceName": "aks",
        "agentPoolName": "gpu",
        "vmSize": "Standard_NC4as_T4_v3",
        "mode": "User",
        "enableAutoScaling": True,
        "minCount": 0.0,
        "maxCount": 2.0,
        "count": 0.0,
    },
    "kubernetesconfiguration:Extension": {
        **RG,
        "clusterRp": "Microsoft.ContainerService",
        "clusterResourceName": "managedClusters",
        "clusterName": "aks",
        "extensionName": "ml",
        "extensionType": "Microsoft.AzureML.Kubernetes",
        "configurationSettings": {"enableTraining": "True"},
    },
    "portal:Dashboard": {**RG, **HERE, "dashboardName": "board-1", "properties": {"lenses": []}},
}
