-- Lightweight threads: a token goes round a ring of threads that are joined by MVars, while others move money between
-- accounts in transactions.
module Main (main) where

import Control.Concurrent
import Control.Concurrent.STM
import Control.Monad

-- | A thread for each link takes the token from its left and hands it on, plus one, to its right.
ring :: Int -> Int -> IO Int
ring size laps = do
  first <- newEmptyMVar
  final <- foldM link first [1 .. size]
  foldM (\token _ -> putMVar first token >> takeMVar final) 0 [1 .. laps]
  where
    link left _ = do
      right <- newEmptyMVar
      _ <- forkIO (replicateM_ laps (takeMVar left >>= putMVar right . (+ 1)))
      return right

-- | Takes the sum from one account and waits, if need be, until it is covered.
transfer :: TVar Int -> TVar Int -> Int -> STM ()
transfer from to amount = do
  balance <- readTVar from
  check (balance >= amount)
  writeTVar from (balance - amount)
  modifyTVar' to (+ amount)

main :: IO ()
main = do
  hops <- ring 1000 20
  putStrLn ("The token made " ++ show hops ++ " hops round 1000 threads.")

  accounts <- mapM newTVarIO [1000, 0, 0, 0]
  finished <- newTVarIO (0 :: Int)
  forM_ (zip3 accounts (tail accounts ++ take 1 accounts) [4, 3, 2, 1]) $ \(from, to, amount) -> forkIO $ do
    replicateM_ 200 (atomically (transfer from to amount) >> yield)
    atomically (modifyTVar' finished (+ 1))
  atomically (readTVar finished >>= check . (== length accounts))
  balances <- mapM readTVarIO accounts
  putStrLn ("Four threads made 200 transfers each: " ++ show balances ++ ", " ++ show (sum balances) ++ " in all.")
