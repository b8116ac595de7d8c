"""Addresses below /staff/; each name is an operation of the policy table."""

from django.urls import path, re_path

from codepop.reporting.staff import sign_in, views

app_name = "staff"

urlpatterns = [
    path("", views.home, name="home"),
    path("sign-in", sign_in.sign_in, name="sign_in"),
    path("sign-in/code", sign_in.second_factor, name="second_factor"),
    path("sign-out", sign_in.sign_out, name="sign_out"),
    path("stores/<slug:slug>", views.store, name="store"),
    path("stores/<slug:slug>/panels", views.panels, name="panels"),
    path("stores/<slug:slug>/pause", views.pause, name="pause"),
    path("stores/<slug:slug>/resume", views.resume, name="resume"),
    path("stores/<slug:slug>/orders", views.orders, name="orders"),
    path("stores/<slug:slug>/orders/<uuid:order_id>", views.order, name="order"),
    path("stores/<slug:slug>/money", views.money, name="money"),
    path("stores/<slug:slug>/stock", views.stock, name="stock"),
    path("stores/<slug:slug>/machines", views.machines, name="machines"),
    re_path(r"^.+$", views.missing, name="missing"),
]
