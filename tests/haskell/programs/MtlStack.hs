-- A stack of monad transformers: reader, state, writer, exceptions; lazy state; continuations.
module Main (main) where

import Control.Monad.Cont
import Control.Monad.Except
import Control.Monad.RWS
import Control.Monad.State
import Control.Monad.Writer

type App = RWST Int [String] (Int, Int) (Either String)

step :: Int -> App Int
step n = do
  limit <- ask
  (count, acc) <- get
  tell ["step " ++ show n]
  when (acc + n > limit) (throwError ("over the limit at " ++ show n ++ " after " ++ show count))
  put (count + 1, acc + n)
  local (* 2) (asks (+ n))

main :: IO ()
main = do
  print (runRWST (mapM step [1 .. 4]) 100 (0, 0))
  print (runRWST (mapM step [1 .. 40]) 100 (0, 0))
  print (runRWST (step 200 `catchError` \e -> tell [e] >> return 0) 100 (0, 0))
  r <- runExceptT (forM_ [1 ..] (\n -> when (n > 3) (throwError n) >> liftIO (print n))) :: IO (Either Int ())
  print r
  print (runCont (callCC (\k -> forM_ [1 ..] (\n -> when (n * n > 50) (k n)) >> return 0)) id :: Int)
  print (evalState (mapM (\x -> state (\s -> (s + x, s + x))) [1 .. 10]) 0 :: [Int])
  print (runWriter (foldM (\a x -> tell (Sum x) >> return (a * x)) 1 [1 .. 6 :: Int]))
