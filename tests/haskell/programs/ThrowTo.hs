-- throwTo reaches threads that block on an MVar, sleep, retry or compute. Catches a kind of
-- blocking from which a thread cannot be raised.
module Main (main) where

import Control.Concurrent
import Control.Concurrent.STM
import Control.Exception
import Control.Monad

newtype Poke = Poke String deriving Show
instance Exception Poke

main :: IO ()
main = do
  empty <- newEmptyMVar :: IO (MVar ())
  full <- newMVar ()
  poke "takeMVar" (takeMVar empty)
  poke "putMVar" (putMVar full ())
  poke "readMVar" (readMVar empty)
  poke "threadDelay" (threadDelay 60000000)
  poke "retry" (atomically retry)
  poke "compute" (void (evaluate (length [1 :: Integer ..])))
  takeMVar full
  putStrLn "the MVar is as before"
  me <- myThreadId
  r <- try (throwTo me (Poke "self"))
  print (r :: Either Poke ())

poke :: String -> IO () -> IO ()
poke name act = do
  done <- newEmptyMVar
  ready <- newEmptyMVar
  t <- forkIO (try (putMVar ready () >> act) >>= putMVar done)
  takeMVar ready
  yield
  throwTo t (Poke name)
  r <- takeMVar done
  print (r :: Either Poke ())
