"""The sandbox's mail provider: an SMTP server with STARTTLS and AUTH, a mailbox, and the messages it sends back later
(bounces, complaints) in Postmark's form.
"""
